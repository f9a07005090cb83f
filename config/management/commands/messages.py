"""Collect, check and compile the Chinese of every string a person reads, with Babel alone: no ``msgfmt`` is needed."""

import io
import json
import re
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
ROOMS = ("config", "core", "clients", "portfolios", "compliance", "reviews", "reports")
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")
HEADER = """\
# Steward in Simplified Chinese: `make messages` collects, people translate.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
Identity = str | tuple[str, str]


class Command(BaseCommand):
    """``manage.py messages``: collect; ``--merge``, ``--check`` and ``--compile`` do one thing each."""

    help = "Collect every English string into the Chinese catalogue; keeps what is translated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the three other things to do."""
        parser.add_argument("--merge", nargs="+", type=Path, metavar="FILE.json", help='fill in {"English": "中文"}')
        parser.add_argument("--check", action="store_true", help="fail where a translation is missing, stale or wrong")
        parser.add_argument("--compile", action="store_true", help="write the file that Django reads")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        home = settings.LOCALE_PATHS[0] / LOCALE / "LC_MESSAGES"
        source = home / "django.po"
        if options["check"]:
            self._check(source)
        elif options["compile"]:
            with (home / "django.mo").open("wb") as file:
                write_mo(file, read(source))
        else:
            self._collect(source, options["merge"] or [])

    def _collect(self, source: Path, files: list[Path]) -> None:
        catalogue = collected(read(source), settings.BASE_DIR)
        for path in files:
            for words in merge(catalogue, json.loads(path.read_text())):
                self.stdout.write(f"{path.name}: not used: {words}")
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(written(catalogue))
        empty = sum(1 for message in entries(catalogue) if not translated(message))
        self.stdout.write(f"{len(catalogue)} strings, {empty} without Chinese")

    def _check(self, source: Path) -> None:
        found = faults(read(source), settings.BASE_DIR)
        if found:
            raise CommandError("\n".join(found))


def read(source: Path) -> Catalog:
    """Read the catalogue; an empty one where there is none yet."""
    if not source.exists():
        return Catalog(locale=LOCALE)
    return read_po(io.BytesIO(source.read_bytes()), locale=LOCALE)


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue as a file: sorted, without line numbers or dates; it changes with the words alone."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    return HEADER.encode() + file.getvalue()


def collected(old: Catalog, base: Path) -> Catalog:
    """Return a catalogue of exactly the strings in the code, with the translations of ``old``."""
    fresh = Catalog(locale=LOCALE)
    for identity, context in sources(base):
        known = old.get(first(identity), context)
        message = fresh.add(identity, context=context)
        if known and known.pluralizable == message.pluralizable:
            message.string = known.string
    return fresh


def sources(base: Path) -> Iterator[tuple[Identity, str | None]]:
    """Yield (message or (singular, plural), context) of every template and module."""
    for path in sorted((base / "templates").rglob("*")):
        if path.is_file():
            yield from strings(flat(templatize(path.read_text(), origin=str(path))))
    for room in ROOMS:
        for path in sorted((base / room).rglob("*.py")):
            yield from strings(path.read_text())


def strings(code: str) -> Iterator[tuple[Identity, str | None]]:
    """Yield what Python code marks for translation."""
    for _line, words, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
        yield (words if isinstance(words, str) else (words[0], words[1])), context


def flat(code: str) -> str:
    """Drop indentation: what Django makes of a template is Python but for that."""
    return "\n".join(line.lstrip() for line in code.splitlines())


def merge(catalogue: Catalog, words: dict[str, str]) -> list[str]:
    """Fill translations where there are none; return the English that no message has.

    ``context|English`` names a message of a context.
    """
    wanted = {name: message for message in entries(catalogue) for name in names(message)}
    for english in words.keys() & wanted.keys():
        message = wanted[english]
        if not translated(message):
            message.string = (words[english],) if message.pluralizable else words[english]
    return sorted(words.keys() - wanted.keys())


def names(message: Message) -> list[str]:
    """Return by what a translation may call a message."""
    prefix = f"{message.context}|" if message.context else ""
    return [prefix + part for part in (message.id if isinstance(message.id, tuple | list) else (message.id,))]


def faults(catalogue: Catalog, base: Path) -> list[str]:
    """Return what stands between the catalogue and complete Chinese."""
    present = {key(message): message for message in entries(catalogue)}
    needed = {key(message) for message in entries(collected(Catalog(locale=LOCALE), base))}
    found = [f"not collected: {context}{words}" for context, words in sorted(needed - present.keys())]
    found += [f"obsolete: {context}{words}" for context, words in sorted(present.keys() - needed)]
    found += [f"obsolete: {first(message.id)}" for message in catalogue.obsolete.values()]
    for message in present.values():
        if not translated(message):
            found.append(f"without Chinese: {first(message.id)}")
        elif message.fuzzy:
            found.append(f"fuzzy: {first(message.id)}")
        elif (wrong := misplaced(message)) is not None:
            found.append(f"placeholders differ: {first(message.id)}: {wrong}")
    return found


def misplaced(message: Message) -> str | None:
    """Return a translation whose placeholders are not those of the English, None where all fit."""
    parts = message.id if isinstance(message.id, tuple | list) else (message.id,)
    allowed = [Counter(PLACEHOLDER.findall(part)) for part in parts]
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return next((text for text in strings if Counter(PLACEHOLDER.findall(text or "")) not in allowed), None)


def entries(catalogue: Catalog) -> list[Message]:
    """Return the messages without the header."""
    return [message for message in catalogue if message.id]


def translated(message: Message) -> bool:
    """Say whether the Chinese is there, all of it."""
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(strings) and all(strings)


def key(message: Message) -> tuple[str, str]:
    """Return what tells messages apart."""
    return (f"{message.context}|" if message.context else "", first(message.id))


def first(identity: Any) -> str:
    """Return the singular."""
    return str(identity if isinstance(identity, str) else identity[0])
