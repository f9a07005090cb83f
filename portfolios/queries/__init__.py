"""Reads of the portfolios room."""
