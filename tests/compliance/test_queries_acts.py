"""Every verb that the code says to the trail has words for those who read it."""

import re
from pathlib import Path

from django.conf import settings

from compliance.queries.acts import ACTS

ROOMS = ("core", "clients", "portfolios", "compliance", "reviews", "reports", "config")
SAID = re.compile(r'record\(\s*"([a-z]+(?::[a-z-]+)+)"')
SEEN = re.compile(r'what="([a-z-]+)"')


def test_every_verb_has_words() -> None:
    sources = [path.read_text() for room in ROOMS for path in Path(settings.BASE_DIR, room).rglob("*.py")]
    verbs = {verb for source in sources for verb in SAID.findall(source)}
    verbs |= {f"{what}:read" for source in sources for what in SEEN.findall(source)}
    assert len(verbs) > 30
    assert verbs - set(ACTS) == set()
