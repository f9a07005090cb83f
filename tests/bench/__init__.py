"""How fast, against what: `make bench`. Figures are medians and ratios of one run, never a timed test."""
