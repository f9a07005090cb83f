"""How cached values are written: as JSON. Whoever can write to the cache must not be able to run code here."""

import json
from typing import Any


class Json:
    """Django's cache serializer without pickle; integers stay bare so that counters count."""

    def __init__(self, protocol: object = None) -> None:
        """Take and ignore pickle's only option."""

    def dumps(self, value: Any) -> bytes | int:
        """Write a value."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Read a value."""
        return json.loads(data)
