"""What people build without Steward: a plain Django project over the same tables, without walls and without a trail."""
