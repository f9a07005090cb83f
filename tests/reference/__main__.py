"""Run a file of reference cases, or a folder of such files, against our rules; print passed and failed by area.

An area or question without an implementation counts as failed. Ends with 1 if anything failed.
"""

import sys
from collections import Counter
from pathlib import Path

from tests.reference.asking import outcomes, read


def main(path: str) -> int:
    """Print each failure and the sums by area."""
    found = list(outcomes(read(Path(path))))
    for one in found:
        if not one.passed:
            sys.stdout.write(f"FAILED {one.case.id} {one.case.fn}: {one.problem}\n")
    passed = Counter(one.case.area for one in found if one.passed)
    failed = Counter(one.case.area for one in found if not one.passed)
    for area in sorted({*passed, *failed}):
        sys.stdout.write(f"{area:24} {passed[area]:4} passed {failed[area]:4} failed\n")
    sys.stdout.write(f"{'all':24} {passed.total():4} passed {failed.total():4} failed\n")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
