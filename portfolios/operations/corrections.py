"""The wrong lines of a refused file: handed out to be corrected, put back in their places, sent again."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from django.utils.translation import gettext as _

from core.errors import Refused
from core.lists.files import guarded, unguarded
from core.models import User
from portfolios.feeds import LAYOUTS, sentence
from portfolios.feeds.sources import How, Line, Unreadable, lines
from portfolios.models import FeedRun
from portfolios.operations.feeds import again, begin, receive

PLACE, REASON = "line", "error"


def correctable(run: FeedRun) -> bool:
    """Say whether wrong lines can be handed out: the file is of a layout, still there, and was read to its lines."""
    wrong = any(error["line"] > 1 for error in run.errors)
    return run.state == FeedRun.State.REFUSED and run.kind != FeedRun.Kind.MAPPED and bool(run.stored) and wrong


def _lines(run: FeedRun) -> Iterator[Line]:
    how = How(run.encoding, run.separator)
    return lines(partial(begin, run), run.file_name, how, LAYOUTS[run.kind].columns)


def error_file(*, run: FeedRun) -> Iterator[bytes]:
    """Yield the wrong lines as CSV: which line, what is wrong with it in the reader's language, and its cells.

    Raises:
        Refused: the lines cannot be handed out.
    """
    if not correctable(run):
        raise Refused("feed-gone", _("The lines of this file are not kept any more. Send the file again."))
    reasons: dict[int, list[str]] = {}
    for error in run.errors:
        told = sentence(error["code"], error["values"])
        reasons.setdefault(error["line"], []).append(f"{error['field']}: {told}".removeprefix(": "))
    yield b"\xef\xbb\xbf"
    source = _lines(run)
    _first, header = next(source)
    yield _csv([PLACE, REASON, *header])
    for line, cells in source:
        if line in reasons:
            yield _csv([str(line), *map(guarded, [" ".join(reasons[line]), *cells])])


def _csv(cells: list[str]) -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerow(cells)
    return sheet.getvalue().encode("utf-8", "replace")


def correct(*, user: User, run: FeedRun, content: BinaryIO, now: dt.datetime) -> FeedRun:
    """Put corrected lines in the places that they name, and receive the whole file again.

    Raises:
        Refused: the file cannot be corrected, or the lines do not fit it; the sentence says which line.
    """
    if not correctable(run):
        raise Refused("feed-gone", _("The lines of this file are not kept any more. Send the file again."))
    source = _lines(run)
    _first, header = next(source)
    corrected = _corrected(run, content, header)
    merged = io.BytesIO()
    merged.write(_csv(header))
    for line, cells in source:
        merged.write(_csv(corrected.get(line, cells)))
    merged.seek(0)
    name = run.file_name.rsplit(".", 1)[0] + ".csv"
    return receive(user=user, kind=run.kind, file_name=name, content=merged, now=now, wishes=again(run))


def _corrected(run: FeedRun, content: BinaryIO, header: list[str]) -> dict[int, list[str]]:
    """Return the corrected cells by line."""
    wrong = {str(error["line"]): error["line"] for error in run.errors}
    found: dict[int, list[str]] = {}
    body = content.read()
    try:
        source = lines(lambda: io.BytesIO(body), "corrected.csv", How(), {PLACE, REASON, *header})
        _line, names = next(source, (1, []))
        if [name.strip() for name in names] != [PLACE, REASON, *(name.strip() for name in header)]:
            raise Refused("correct-header", _("The first line is not that of the downloaded file."), field="file")
        for number, cells in source:
            place = wrong.get(cells[0].strip())
            if place is None or place in found or len(cells) != len(names):
                told = _("Line %(line)s does not name a wrong line of its own, or has lost cells.") % {"line": number}
                raise Refused("correct-line", told, field="file")
            found[place] = [unguarded(cell) for cell in cells[2:]]
    except Unreadable as reason:
        told = sentence(reason.code, reason.values)
        raise Refused("correct-line", f"{reason.line}: {told}", field="file") from reason
    if not found:
        raise Refused("correct-empty", _("There is no corrected line in the file."), field="file")
    return found
