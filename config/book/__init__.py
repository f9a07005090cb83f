"""An invented private-banking desk with three years of history, the same for the same seed and day.

``desk`` puts it together from the pure parts (people, market, wealth, contacts) and ``writing`` loads it.
"""
