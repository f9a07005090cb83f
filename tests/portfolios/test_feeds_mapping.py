"""An extract of another shape loads through a mapping alone, and a mapping that says too little is refused by place."""

import io
import zipfile

import pytest

from clients.models import Client
from core.errors import Refused
from core.walls import acting, service
from portfolios import operations
from portfolios.feeds.mapping import MappingRefused, understood
from portfolios.models import FeedMapping, FeedRun, Transaction
from portfolios.operations import Wishes
from tests.factories import NOW
from tests.people import People
from tests.portfolios.test_feeds_operations import ACCOUNTS, CLIENTS, LATER, counts, reasons, send

TEXT = """
[[part]]
layout = "transactions"
dates = "DD/MM/YYYY"
decimal = ","
thousands = "."
[part.columns]
reference = {from = "Nr", prefix = "X-"}
account = "A1"
value_date = {from = "Tag"}
kind = {from = "Art", codes = {K = "card", U = "transfer"}, default = "other"}
amount = {from = "Betrag", minus_unless = {SH = "H"}}
currency = "CNY"
text = {text = "{Art}/{Nr}"}
counterparty = {join = ["Bank", "Konto"], drop = ["0"]}
"""
HEADER = "Nr;Tag;Art;Betrag;SH;Bank;Konto\n"
FILE = HEADER + "1;31/03/2026;K;1.234,50;H;AB;0\n2;01/04/2026;Z;10,00;S;AB;77\n"


def save(people: People, text: str = TEXT, name: str = "german") -> FeedMapping:
    """Save a mapping as operations."""
    with acting(people.operations):
        return operations.save_mapping(user=people.operations, name=name, text=text, now=NOW)


def sent(people: People, mapping: FeedMapping, content: bytes, name: str = "extract.csv") -> FeedRun:
    """Send an extract through a mapping."""
    with acting(people.operations):
        run = operations.receive(
            user=people.operations,
            kind="mapped",
            file_name=name,
            content=content,
            now=LATER,
            wishes=Wishes(mapping_id=mapping.pk),
        )
    with acting(service(), behalf=people.operations):
        return operations.apply(run_id=run.pk, now=LATER)


@pytest.fixture
def book(people: People) -> People:
    """Bring clients and accounts."""
    counts(send(people, "clients", CLIENTS))
    counts(send(people, "accounts", ACCOUNTS))
    return people


def test_an_extract_loads_by_its_conventions(book: People) -> None:
    assert counts(sent(book, save(book), FILE.encode("cp1252"))) == (2, 0, 0)
    with acting(service()):
        rows = Transaction.objects.order_by("reference")
        told = [(row.reference, str(row.value_date), row.kind, row.amount, row.text, row.counterparty) for row in rows]
    assert [(*row[:3], f"{row[3]:.2f}", *row[4:]) for row in told] == [
        ("X-1", "2026-03-31", "card", "1234.50", "K/1", "AB"),
        ("X-2", "2026-04-01", "other", "-10.00", "Z/2", "AB 77"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("31/03/2026", "2026-03-31", "value_date", "date-pattern"),
        ("31/03/2026", "31/02/2026", "value_date", "date"),
        ("1.234,50", "1,234.50", "amount", "figure"),
        ("1.234,50", "12.34,50", "amount", "figure"),
        ("1;31/", "1;31/", "", ""),
    ],
)
def test_what_does_not_follow_the_conventions_is_refused(
    book: People, old: str, new: str, field: str, code: str
) -> None:
    run = sent(book, save(book), FILE.replace(old, new).encode())
    if code:
        assert reasons(run) == [(2, field, code)]
    else:
        assert run.state == "applied"


def test_a_code_without_a_word_is_refused_where_there_is_no_other(book: People) -> None:
    run = sent(book, save(book, TEXT.replace(', default = "other"', "")), FILE.encode())
    assert reasons(run) == [(3, "kind", "code")]


def test_several_files_come_in_one_zip(people: People) -> None:
    text = """
    [lookup.names]
    file = "names.txt"
    key = "id"
    value = "name"
    [[part]]
    layout = "clients"
    file = "people.txt"
    [part.columns]
    reference = {from = "id"}
    kind = "person"
    name = {from = "id", lookup = "names"}
    manager = "mei"
    """
    files = {"people.txt": "id\n1\n2\n", "names.txt": "id|name\n1|Li Na\n2|He Wei\n"}
    assert counts(sent(people, save(people, text), packed(files), "x.zip")) == (2, 0, 0)
    with acting(service()):
        assert set(Client.objects.filter(reference__in=["1", "2"]).values_list("name", flat=True)) == {
            "Li Na",
            "He Wei",
        }
    less = {name: content for name, content in files.items() if name != "names.txt"}
    assert reasons(sent(people, save(people, text), packed(less), "x.zip")) == [(1, "names.txt", "file-missing")]
    assert reasons(sent(people, save(people, text), packed({**files, "more": ""}), "x.zip")) == [
        (1, "more", "file-unknown")
    ]
    assert reasons(sent(people, save(people, text), packed({**files, "people.txt": "id\n3\n"}), "x.zip")) == [
        (2, "people.txt: name", "lookup")
    ]
    assert reasons(sent(people, save(people, text), b"PK\x03\x04 no", "x.zip")) == [(1, "", "zip")]


def packed(files: dict[str, str]) -> bytes:
    """Return files in a ZIP."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, text in files.items():
            package.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("part = 1 =", ""),
        ("", "part"),
        ('[[part]]\nlayout = "loans"', "part 1.layout"),
        ('[[part]]\nlayout = "holdings"', "part 1.record"),
        ('[[part]]\nlayout = "transactions"', "part 1.columns"),
        ('[[part]]\nlayout = "transactions"\n[part.columns]\nfoo = "1"', "part 1.columns.foo"),
        ('[[part]]\nlayout = "transactions"\n[part.columns]\nreference = "1"', "part 1.columns.account"),
        ('[[part]]\nlayout = "clients"\nbell = 1', "part 1.bell"),
        ('[[part]]\nlayout = "clients"\nencoding = "morse"\n[part.columns]\nreference = "1"', "part 1.columns.kind"),
        (TEXT.replace('from = "Nr"', 'form = "Nr"'), "part 1.columns.reference.form"),
        (TEXT.replace('"DD/MM/YYYY"', '"%d"'), "part 1.columns.value_date.dates"),
        (TEXT.replace('from = "Nr"', 'lookup = "x"'), "part 1.columns.reference.lookup"),
        (TEXT + "\n[lookup.a]\nfile = 'x'", "lookup.a.key"),
        (TEXT + "\n[other]", "other"),
    ],
)
def test_a_mapping_that_says_too_little_or_too_much_names_the_place(text: str, where: str) -> None:
    with pytest.raises(MappingRefused) as refusal:
        understood(text)
    assert refusal.value.where == where


def test_a_saved_mapping_never_changes_and_the_next_is_another_version(people: People) -> None:
    first, same, second = save(people), save(people), save(people, TEXT + "\n# more")
    assert (first.pk, first.version, second.version) == (same.pk, 1, 2)


@pytest.mark.parametrize(("name", "text"), [("clients", TEXT), ("x", "nothing")])
def test_a_mapping_that_cannot_be_is_not_saved(people: People, name: str, text: str) -> None:
    with pytest.raises(Refused):
        save(people, text, name)
