"""Pages of the portfolios room."""
