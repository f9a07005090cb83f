"""One mechanism for every list: filter, order, page both ways, save views, act on many rows, export."""

from core.lists.acts import each
from core.lists.answers import answer
from core.lists.asked import Asked, PageOf, address
from core.lists.declared import (
    REGISTRY,
    Act,
    Column,
    Empty,
    Field,
    Fits,
    Kind,
    Listing,
    Package,
    Viewer,
    Words,
    filters_of,
    in_words,
    register,
)

__all__ = [
    "REGISTRY",
    "Act",
    "Asked",
    "Column",
    "Empty",
    "Field",
    "Fits",
    "Kind",
    "Listing",
    "Package",
    "PageOf",
    "Viewer",
    "Words",
    "address",
    "answer",
    "each",
    "filters_of",
    "in_words",
    "register",
]
