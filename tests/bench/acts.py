"""What people of the desk do all day: read every page, log contacts, settle promises, decide, hold, import, export."""

import datetime as dt
import random
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.bench import growth
from tests.bench.driver import HTMX, Answer, Form, Person

HREF_CLIENT = re.compile(r"^/clients/(\d+)/$")
DONE = re.compile(rb'action="(/clients/tasks/\d+/done/)"')
CHOICE = re.compile(rb'name="decision"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="decision"')
VERSION = re.compile(rb'name="version"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="version"')
LIFT = re.compile(rb'href="(/compliance/holds/\d+/lift/)"')
SEND = re.compile(rb'action="(/reports/statements/\d+/send/)"')
ROW = re.compile(rb'name="row" value="(\d+)"')
ONCE = re.compile(rb'name="once" value="([^"]+)"')
LISTS = {
    "manager": ["/clients/", "/clients/tasks/", "/portfolios/deposits/", "/reviews/"],
    "lead": ["/clients/", "/portfolios/deposits/"],
    "compliance": ["/clients/", "/compliance/holds/"],
    "operations": ["/clients/", "/portfolios/feeds/"],
}
PATIENCE = 120
ACCOUNT = "reference,account,value_date,kind,amount,currency,counterparty,text"
FILE_ROWS = 200
FINE = frozenset({200, 204, 302})
OVERTAKEN = frozenset({404, 409, 422})
"""What somebody hears whose row a colleague was faster with; fine for writes only."""


@dataclass
class Book:
    """What everybody counts into."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, what: str, seconds: float, answer: Answer, fine: Iterable[int]) -> None:
        """Count one answer."""
        self.taken.setdefault(what, []).append(seconds)
        if answer.status not in fine:
            self.errors.append(f"{what}: {answer.status}")


@dataclass
class Worker:
    """One signed-in person with a role, the pages found for it, and what it does."""

    name: str
    role: str
    person: Person
    book: Book
    rng: random.Random
    accounts: list[tuple[str, str]]
    pages: growth.Pages = field(default_factory=dict)

    def learn(self) -> None:
        """Find the pages of this person."""
        self.pages = growth.discovered(self.person)

    def act(self) -> None:
        """Do one thing: reads mostly, as at a desk."""
        acts: list[tuple[int, Callable[[], None]]] = [(70, self.read), (10, self.search), (6, self.whole)]
        acts += {
            "manager": [
                *((6, self.log_contact), (3, self.settle), (3, self.decide)),
                *((1, self.send), (1, self.export), (2, self.owe_many)),
            ],
            "lead": [(1, self.export)],
            "compliance": [(4, self.hold), (1, self.export)],
            "operations": [(10, self.import_file), (1, self.export)],
        }[self.role]
        act = self.rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        try:
            act()
        except Exception as error:  # noqa: BLE001  (whatever it is, it is an error to count)
            self.book.errors.append(f"{self.role} {act.__name__}: {type(error).__name__}: {error}")

    # --- reads ---

    def read(self) -> None:
        """Open any page."""
        pattern = self.rng.choice(sorted(self.pages))
        self.get(f"{pattern}", self.rng.choice(self.pages[pattern]))

    def search(self) -> None:
        """Look for somebody."""
        words = self.rng.choice(["wang", "li", "chen", "zhang", "marchetti", "1234", "林", "C10"])
        self.get("search", "/clients/?" + urlencode({"q": words}))

    def whole(self) -> None:
        """Open a client with all panels."""
        if client := self.client():
            begun = time.perf_counter()
            self.person.whole_page(f"/clients/{client}/")
            self.book.taken.setdefault("full client page", []).append(time.perf_counter() - begun)

    def client(self) -> str | None:
        """Return a client of this person."""
        found = [match[1] for path in self.pages.get(PAGE, []) if (match := HREF_CLIENT.match(path))]
        return self.rng.choice(found) if found else None

    # --- writes ---

    def log_contact(self) -> None:
        """Log a contact with a promise."""
        if client := self.client():
            now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
            values = {"channel": "call", "happened_at": f"{now:%Y-%m-%dT%H:%M}", "text": f"Load {uuid.uuid4()}"}
            values |= {"promise_1": "Call back", "promise_1_due_on": f"{now + dt.timedelta(days=7):%Y-%m-%d}"}
            self.post("log a contact", f"/clients/{client}/contacts/log/", values)

    def settle(self) -> None:
        """Tick off a promise."""
        if client := self.client():
            found = DONE.findall(self.get("clients/<int:client_id>/tasks/", f"/clients/{client}/tasks/").text)
            if found:
                self.post("settle a promise", self.rng.choice(found).decode(), {}, OVERTAKEN)

    def decide(self) -> None:
        """Decide a review that waits."""
        found = self.pages.get("reviews/<int:review_id>/", [])
        if not found:
            return
        path = self.rng.choice(found)
        text = self.get("reviews/<int:review_id>/", path).text
        choices, versions = CHOICE.findall(text), VERSION.findall(text)
        if choices and versions:
            values = {"decision": "".join(part.decode() for part in self.rng.choice(choices)), "note": "As agreed"}
            values["version"] = "".join(part.decode() for part in versions[0])
            self.post("decide a review", path, values, OVERTAKEN)

    def send(self) -> None:
        """Send a statement again."""
        if client := self.client():
            links = re.findall(
                rb'href="(/reports/statements/\d+/)"', self.get("statements", f"/reports/clients/{client}/").text
            )
            if links:
                found = SEND.findall(self.get("reports/statements/<int:statement_id>/", links[0].decode()).text)
                if found:
                    self.post("send a statement", found[0].decode(), {"confirmed": "on"}, OVERTAKEN)

    def hold(self) -> None:
        """Place a hold, or lift one."""
        found = LIFT.findall(self.get("compliance/holds/", "/compliance/holds/").text)
        reason = {"reason": "Source of wealth to be explained"}
        if found and self.rng.random() < 0.6:
            self.post("lift a hold", self.rng.choice(found).decode(), reason, OVERTAKEN)
        elif client := self.client():
            self.post("place a hold", f"/compliance/clients/{client}/hold/", reason, OVERTAKEN)

    def import_file(self) -> None:
        """Send a bank file and watch until it is applied."""
        mark = uuid.uuid4().hex[:12]
        lines = [ACCOUNT]
        for number in range(FILE_ROWS):
            account, currency = self.rng.choice(self.accounts)
            amount = self.rng.randrange(1, 90000)
            lines.append(
                f"L{mark}-{number},{account},2026-06-{1 + number % 28:02},transfer,{amount},{currency},Load,Load"
            )
        answer = self.upload("import", "/portfolios/feeds/", "transactions", "\n".join(lines) + "\n")
        location = answer.headers.get("Location")
        begun = time.perf_counter()
        while location and time.perf_counter() - begun < 60:
            text = self.get("portfolios/feeds/<int:run_id>/", location).text
            if b"load, every" not in text and b"every " not in text:
                break
            time.sleep(1)
        self.book.taken.setdefault("import, until applied", []).append(time.perf_counter() - begun)

    def export(self) -> None:
        """Ask for a list as a file, watch until it is written, and take it."""
        path, form = self.rng.choice(LISTS[self.role]), self.rng.choice(["csv", "xlsx"])
        answer = self.post("ask for an export", path, {"do": "export", "form": form})
        location = answer.headers.get("Location") or ""
        if not location.startswith("/exports/"):
            return
        begun = time.perf_counter()
        while time.perf_counter() - begun < PATIENCE:
            if b'hx-trigger="every' not in self.get("exports/<int:export_id>/progress/", f"{location}progress/").text:
                self.book.taken.setdefault("export, until written", []).append(time.perf_counter() - begun)
                self.get("exports/<int:export_id>/file/", f"{location}file/")
                return
            time.sleep(1)
        self.book.errors.append(f"export {path}: not written in {PATIENCE} s")

    def owe_many(self) -> None:
        """Create the same task for some clients of a page, in two steps as on screen."""
        rows = ROW.findall(self.get("clients/", "/clients/").text)
        if not rows:
            return
        chosen = [("row", pk.decode()) for pk in self.rng.sample(rows, min(5, len(rows)))]
        answer = self.post("choose rows of a list", "/clients/", [("do", "owe"), *chosen])
        if once := ONCE.search(answer.text):
            due = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=9):%Y-%m-%d}"
            sure = [("do", "owe"), ("once", once[1].decode()), ("sure", "1"), ("text", "Load"), ("due_on", due)]
            self.post("act on rows of a list", "/clients/", [*sure, *chosen])

    # --- how ---

    def get(self, what: str, path: str) -> Answer:
        """Fetch and count."""
        begun = time.perf_counter()
        extra = HTMX if path.endswith("/progress/") else self.rng.choice([HTMX, {}])
        answer = self.person.get(path, extra=extra)
        self.book.note(what, time.perf_counter() - begun, answer, FINE)
        return answer

    def post(self, what: str, path: str, values: Form, more: frozenset[int] = frozenset()) -> Answer:
        """Send a form and count."""
        begun = time.perf_counter()
        answer = self.person.post(path, values)
        self.book.note(what, time.perf_counter() - begun, answer, FINE | more)
        return answer

    def upload(self, what: str, path: str, kind: str, content: str) -> Answer:
        """Send a file and count."""
        border = uuid.uuid4().hex
        parts = [f'--{border}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n']
        parts += [f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="load.csv"\r\n']
        parts += [f"Content-Type: text/csv\r\n\r\n{content}\r\n--{border}--\r\n"]
        begun = time.perf_counter()
        answer = self.person.send(path, "".join(parts).encode(), f"multipart/form-data; boundary={border}")
        self.book.note(what, time.perf_counter() - begun, answer, FINE)
        return answer


PAGE = "clients/<int:client_id>/"
