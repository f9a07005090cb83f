"""Numbers from outside: published examples and independent calculations that the rules must reproduce."""
