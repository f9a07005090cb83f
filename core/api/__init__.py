"""The guarded doors for programs: the rules of the pages, JSON answers, refusals as problem documents (RFC 9457).

A door says in tables, by action, what it asks of whoever knocks, takes, filters by and answers. The code reads them
and so does the schema, which therefore cannot tell another story. Writes take a key under which their answer is kept
(``keys``), versions of rows (``versions``) and many items at once (``bulk``); programs come with a token (``tokens``).
"""

from core.api.bulk import many
from core.api.doors import Door
from core.api.fields import Amount, Figure, Id, Nothing, Strict, Versioned
from core.api.refusals import problem
from core.api.schema import operations
from core.api.tokens import TokenHolders

__all__ = [
    "Amount",
    "Door",
    "Figure",
    "Id",
    "Nothing",
    "Strict",
    "TokenHolders",
    "Versioned",
    "many",
    "operations",
    "problem",
]
