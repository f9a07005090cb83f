"""The fonts of printed statements, prepared once: ``python -m config.fonts`` or the first document that needs them.

The packages carry compressed web fonts. A PDF writer would decompress them for every document and cut a variable font
for every weight, which takes seconds; here each becomes a plain file of one weight in ``var/fonts``.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from noto_cjk_sans_otc import FONT_PATH

from config.environment import BASE

MODULES = BASE / "node_modules"
PREPARED = BASE / "var" / "fonts"
INTER = "@fontsource-variable/inter/files/inter-{part}-wght-normal.woff2"
NOTO = "@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-{weight}-normal.woff2"


@dataclass(frozen=True)
class Face:
    """One file under the family and weight that a style sheet asks for."""

    family: str
    weight: int
    file: Path
    source: Path


def _face(family: str, weight: int, source: str) -> Face:
    name = f"{family.lower().replace(' ', '-')}-{weight}.ttf"
    return Face(family, weight, PREPARED / name, MODULES / source.format(weight=weight))


LATIN = {"Statement Latin": "latin", "Statement Latin Extended": "latin-ext"}
CUT = [_face(family, weight, INTER.format(part=part)) for family, part in LATIN.items() for weight in (400, 600)]
PLAIN = [_face("Statement Chinese", weight, NOTO) for weight in (400, 700)]
FALLBACK = Face("Statement Fallback", 400, Path(str(FONT_PATH)), Path(str(FONT_PATH)))
"""Has the rare characters of names that the web font leaves out."""


def faces() -> list[Face]:
    """Return every face of a statement, preparing the files that are missing."""
    for face in (*CUT, *PLAIN):
        if not face.file.exists():
            prepare(face)
    return [*CUT, *PLAIN, FALLBACK]


def prepare(face: Face) -> None:
    """Write one plain font file; a half-written one never appears under its name."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (every process loads this module, one needs the tools)
    from fontTools.varLib.instancer import instantiateVariableFont  # noqa: PLC0415

    face.file.parent.mkdir(parents=True, exist_ok=True)
    font = TTFont(face.source)
    font.flavor = None
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": face.weight}, inplace=True)
    part = face.file.with_suffix(f".{os.getpid()}.part")
    font.save(part)
    part.rename(face.file)


def main() -> None:
    """Prepare what is missing, and say so."""
    missing = [face for face in (*CUT, *PLAIN) if not face.file.exists()]
    if missing:
        print(f"preparing {len(missing)} fonts for statements (some seconds)", flush=True)
    faces()


if __name__ == "__main__":
    main()
