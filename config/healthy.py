"""The container's health check: does the web process answer under one of its own names?"""

import http.client
import os
import sys


def main() -> int:
    """Ask /healthz."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    connection.request("GET", "/healthz", headers={"Host": host})
    return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1


if __name__ == "__main__":
    sys.exit(main())
