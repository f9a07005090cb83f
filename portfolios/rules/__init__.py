"""Pure decisions and calculations of the portfolios room."""
