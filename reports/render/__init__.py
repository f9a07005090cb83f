"""A frozen snapshot to an encrypted PDF. The only room that knows WeasyPrint.

The document may use two things beside its own text: the font files and the charts made here. Whatever else it asks for,
by whatever a name or note smuggled in, is refused: no network, no files.
"""

import gc
import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portfolios.rules import charts as shapes
from portfolios.rules.book import Bucket, Slice
from reports.render import charts, words

TAGS = {"en": "en", "zh-hans": "zh-Hans"}
ALLOCATION, LADDER = "steward:chart/allocation", "steward:chart/ladder"
CHART_SIZE = {"width": 440, "height": 236}


@dataclass(frozen=True)
class Rendered:
    """An encrypted PDF and its number of pages."""

    content: bytes
    pages: int


class Supplies(URLFetcher):  # type: ignore[misc]
    """Hands out what the renderer itself made ready, by name; every other address is refused."""

    def __init__(self, made: dict[str, tuple[bytes | Path, str]]) -> None:
        super().__init__(allowed_protocols=())
        self._made = made

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Answer for one of the supplied names.

        Raises:
            ValueError: for anything else; the document goes on without it.
        """
        if url not in self._made:
            raise ValueError("not supplied")
        body, kind = self._made[url]
        content = body.read_bytes() if isinstance(body, Path) else body
        return URLFetcherResponse(url, content, {"Content-Type": kind})


def pdf(snapshot: dict[str, Any], *, digest: str, language: str, secret: str) -> Rendered:
    """Print a snapshot in ``language`` and lock it with the client's statement secret (AES-256, revision 6)."""
    with translation.override(language), _without_collector():
        plain = _print(snapshot, digest, language)
    with pikepdf.open(io.BytesIO(plain)) as document:
        locked, pages = io.BytesIO(), len(document.pages)
        keys = pikepdf.Encryption(user=secret, owner=secrets.token_hex(32), R=6, aes=True, metadata=True)
        document.save(locked, encryption=keys)
    return Rendered(locked.getvalue(), pages)


def page(snapshot: dict[str, Any], *, digest: str, language: str) -> str:
    """Return the document as HTML, in the active language."""
    context = _telling(snapshot, language) | {
        "digest": digest,
        "fonts": [(face.family, face.weight, name) for name, face in _faces().items()],
        "allocation": ALLOCATION if _shown(snapshot["classes"]) else "",
        "ladder": LADDER if _shown(snapshot["ladder"]) else "",
        "classes": [{**line, "label": words.class_of(line["key"])} for line in snapshot["classes"]],
        "missing": "; ".join(snapshot["missing"]),
        "notes": [words.note(found) for found in snapshot["notes"]],
    }
    return render_to_string("reports/pdf/statement.html", context)


def lines(snapshot: dict[str, Any], *, language: str) -> SafeString:
    """Return the tables of the document as HTML for the screen, in ``language``, by the templates that print them."""
    with translation.override(language):
        return render_to_string("reports/pdf/_lines.html", _telling(snapshot, language))


def _telling(snapshot: dict[str, Any], language: str) -> dict[str, Any]:
    """Return what every table needs beside its figures."""
    holdings = snapshot.get("holdings", ())
    return {
        "s": snapshot,
        "lang": TAGS.get(language, "en"),
        "chinese": language.startswith("zh"),
        "stale": any(line["stale"] for line in holdings),
        "estimated": any(line.get("estimated") for line in holdings),
        "unknown": any(line["value"] is None for line in holdings),
        "sources": sorted({line["source"] for line in holdings if line.get("source")}),
        "words": words,
    }


def _print(snapshot: dict[str, Any], digest: str, language: str) -> bytes:
    html = page(snapshot, digest=digest, language=language)
    supplies = Supplies(_supplies(snapshot, language))
    document = weasyprint.HTML(string=html, url_fetcher=supplies)
    return bytes(document.write_pdf(font_config=FontConfiguration(), pdf_variant="pdf/ua-1"))


def _supplies(snapshot: dict[str, Any], language: str) -> dict[str, tuple[bytes | Path, str]]:
    """Make ready what the document may ask for."""
    made: dict[str, tuple[bytes | Path, str]] = {name: (face.file, "font/ttf") for name, face in _faces().items()}
    options = {ALLOCATION: _allocation(snapshot, language), LADDER: _ladder(snapshot, language)}
    for name, option in options.items():
        made[name] = (charts.svg(option, **CHART_SIZE).encode(), "image/svg+xml")
    return made


def _faces() -> dict[str, Any]:
    """Return the prepared font faces by the name under which the document asks for them."""
    return {f"steward:font/{number}": face for number, face in enumerate(settings.PDF_FONTS())}


def _shown(lines: list[dict[str, Any]]) -> bool:
    return any(Decimal(line["amount"]) > 0 for line in lines)


def _allocation(snapshot: dict[str, Any], language: str) -> dict[str, Any]:
    slices = [
        Slice(line["key"], words.class_of(line["key"]), Decimal(line["amount"]), Decimal(line["weight"] or 0))
        for line in snapshot["classes"]
    ]
    return shapes.allocation(slices, language=language)


def _ladder(snapshot: dict[str, Any], language: str) -> dict[str, Any]:
    buckets = [Bucket(line["key"], Decimal(line["amount"]), line["count"]) for line in snapshot["ladder"]]
    return shapes.ladder(buckets, language=language)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cycle collector still while a document is laid out: it finds nothing there and costs a third of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
