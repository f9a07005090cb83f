"""The container's health check: does the web process answer under one of its own names?"""

import os
import sys
import urllib.request


def main() -> int:
    """Ask /healthz."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=4) as answer:
        return 0 if answer.status == 200 else 1  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
