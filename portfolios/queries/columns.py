"""Many rows as columns of numbers, by COPY in binary: no row becomes an object of its own."""

from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

HEADER, TRAILER = 19, 2
TYPES = {"i8": ">i8", "i4": ">i4", "f8": ">f8", "b": ">i1"}
Columns = dict[str, npt.NDArray[Any]]


def numbers(query: str, params: dict[str, object], types: dict[str, str]) -> Columns:
    """Return the columns of a query by name; none of its values may be null.

    ``types`` are those of PostgreSQL's columns in order: ``i8`` bigint, ``i4`` integer, ``f8`` double precision, ``b``
    boolean. The walls hold: COPY of a query reads what the query may read.

    Raises:
        ValueError: the query gives other columns, or a null.
    """
    fields = [("count", ">i2")]
    for name, kind in types.items():
        fields += [(f"{name} size", ">i4"), (name, TYPES[kind])]
    shape = np.dtype(fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params) as copy:
        raw = b"".join(copy)
    body = raw[HEADER:-TRAILER]
    if len(body) % shape.itemsize:
        raise ValueError(query)
    rows = np.frombuffer(body, shape)
    if any((rows[f"{name} size"] != rows.dtype[name].itemsize).any() for name in types):
        raise ValueError(query)
    return {name: rows[name].astype(rows.dtype[name].newbyteorder("=")) for name in types}
