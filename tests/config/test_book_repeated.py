"""The same seed and day give the same rows."""

import io

from django.core.management import call_command

from tests.config.books import AS_OF, book, digest
from tests.database import reset_database


def test_the_same_arguments_give_the_same_rows(fresh_database: None) -> None:
    found = []
    for _ in range(2):
        reset_database()
        call_command("build_book", clients=12, seed=11, as_of=AS_OF, stdout=io.StringIO())
        found.append(digest())
    assert found[0] == found[1]


def test_another_seed_gives_another_book() -> None:
    assert book(7, 12).transactions() != book(8, 12).transactions()
