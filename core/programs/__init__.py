"""What other systems hold of us: tokens, answers kept for repeated requests, webhooks and their calls."""
