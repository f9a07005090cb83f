"""Static files: other people's from node_modules, by an explicit list, and the storage that names files by content."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from django.core.files.storage import Storage as BaseStorage
from django.utils.functional import cached_property
from whitenoise.storage import CompressedManifestStaticFilesStorage

from config.environment import BASE

MODULES = BASE / "node_modules"
PREFIX = "vendor"
FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
FONTS = {"inter": "@fontsource-variable/inter", "noto-sans-sc": "@fontsource-variable/noto-sans-sc"}


class PackageFinder(BaseFinder):
    """Finds ``vendor/...``: the listed files, and of each font its style sheet with the files it names."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        self.storage = PackageStorage()

    def check(self, **_kwargs: Any) -> list[CheckMessage]:
        """Every listed file is installed."""
        missing = [path for path in self.storage.sources().values() if not path.exists()]
        return [Error(f"{path} is missing; run `make node_modules`", id="steward.assets") for path in missing]

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        """The real path of one file."""
        source = self.storage.sources().get(path)
        found = [str(source)] if source and source.exists() else []
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, BaseStorage]]:
        """All files, for collectstatic."""
        for name in self.storage.sources():
            yield name, self.storage


class PackageStorage(FileSystemStorage):
    """Reads the listed files under the names they are served by."""

    prefix = ""

    def __init__(self) -> None:
        super().__init__(location=str(MODULES))
        self._sources: dict[str, Path] = {}

    def sources(self) -> dict[str, Path]:
        """Served name to real path."""
        if not self._sources:
            self._sources = {f"{PREFIX}/{name}": MODULES / source for name, source in FILES.items()}
            for name, package in FONTS.items():
                folder = MODULES / package
                self._sources[f"{PREFIX}/{name}/index.css"] = folder / "index.css"
                for file in sorted((folder / "files").glob("*wght-normal.woff2")):
                    self._sources[f"{PREFIX}/{name}/files/{file.name}"] = file
        return self._sources

    def path(self, name: str) -> str:
        """The real path of a served name."""
        return str(self.sources().get(name, MODULES / name))


class Storage(CompressedManifestStaticFilesStorage):
    """Names carry a hash of the content. Source maps that third-party files mention are not served and not required."""

    manifest_strict = True
    support_js_module_import_aggregation = False
    patterns = tuple(
        (glob, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for glob, rules in CompressedManifestStaticFilesStorage.patterns
    )

    @cached_property
    def addresses(self) -> dict[str, str]:
        """What was asked for so far: the manifest stays the same while a process lives."""
        return {}

    def url(self, name: str | None, force: bool = False) -> str:  # noqa: FBT001, FBT002  (the library's signature)
        """Return a file's address."""
        known = self.addresses.get(name or "")
        if known is None:
            known = self.addresses[name or ""] = super().url(name, force)
        return known
