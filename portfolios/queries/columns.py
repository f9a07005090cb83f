"""Many rows as columns of numbers: the database packs them into one value, and no row becomes an object of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

TYPES = {"i8": ("int8send", ">i8"), "i4": ("int4send", ">i4"), "f8": ("float8send", ">f8"), "b": ("boolsend", ">i1")}
Columns = dict[str, npt.NDArray[Any]]


def numbers(query: str, params: Mapping[str, Any], types: Mapping[str, str]) -> Columns:
    """Return the columns of a query by name; none of its values may be null.

    ``types`` are those of PostgreSQL's columns by name: ``i8`` bigint, ``i4`` integer, ``f8`` double precision, ``b``
    boolean. The walls hold as for any query.

    Raises:
        ValueError: there is a null among the values.
    """
    packed = ", ".join(f"string_agg({TYPES[kind][0]}({name}), '')" for name, kind in types.items())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {packed} FROM ({query}) q", params)  # noqa: S608  (constants)
        count, *bodies = cursor.fetchone()
    found = {}
    for (name, kind), body in zip(types.items(), bodies, strict=True):
        column = np.frombuffer(body or b"", TYPES[kind][1])
        if len(column) != count:
            raise ValueError(query)
        found[name] = column.astype(column.dtype.newbyteorder("="))
    return found


def array(ids: Iterable[int]) -> str:
    """Return ids as PostgreSQL reads an array."""
    return f"{{{','.join(map(str, ids))}}}"
