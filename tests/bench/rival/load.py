"""Load one file by django-import-export, in a process of its own: arguments are mode, file, and where to answer."""

import os
import sys
import time
from pathlib import Path

from tests.bench.importing import answer


def main(mode: str, path: str, told: str) -> None:
    """Read, import for good, say how long it took."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.rival.settings"
    import django  # noqa: PLC0415

    django.setup()
    import tablib  # noqa: PLC0415

    from tests.bench.rival.resources import BulkMovements, Movements  # noqa: PLC0415

    resource = BulkMovements() if mode == "bulk" else Movements()
    begun = time.perf_counter()
    rows = tablib.Dataset().load(Path(path).read_text(encoding="utf-8"), format="csv")
    result = resource.import_data(rows, dry_run=False, raise_errors=True)
    seconds = time.perf_counter() - begun
    answer(Path(told), seconds=seconds, created=result.totals["new"], totals=dict(result.totals))


if __name__ == "__main__":
    main(*sys.argv[1:])
