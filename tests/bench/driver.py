"""People at browsers: sign in with a password, keep the session, fetch, several at once. Light, to cost little."""

import gzip
import http.client
import re
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
PANEL = re.compile(rb'<div hx-get="([^"]+)" hx-trigger="load')
LANES = 6
"""Connections that a browser opens to one host."""
HTMX = {"HX-Request": "true"}
Form = dict[str, str] | list[tuple[str, str]]
PURPOSE = re.compile(r"/compliance/clients/\d+/purpose/")


class UnexpectedError(AssertionError):
    """An answer that was not 200."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> bytes:
        """Return the body as it was before compression."""
        return gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body


class Lane:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        """Send and wait; a connection that the server has closed is opened again.

        A form is sent again only where nothing of it was taken, as browsers do.
        """
        for attempt in (1, 2):
            sent = False
            try:
                self.connection.request(method, path, body, headers)
                sent = True
                found = self.connection.getresponse()
                return Answer(found.status, found.headers, found.read())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                if attempt == 2 or (sent and method != "GET"):
                    raise
        raise AssertionError


@dataclass
class Person:
    """Somebody signed in, with a lane of their own and more for panels."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)

    def headers(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """Return what a browser sends."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookie, "Accept": "text/html", "Accept-Encoding": "gzip", **(extra or {})}
        return {name: value for name, value in sent.items() if value}

    def lane(self, number: int = 0) -> Lane:
        """Return the lane of that number, opened on first use."""
        while len(self.lanes) <= number:
            self.lanes.append(Lane(self.port))
        return self.lanes[number]

    def get(self, path: str, *, lane: int = 0, extra: dict[str, str] | None = None) -> Answer:
        """Fetch an address; where compliance is asked why it looks, say so and fetch again."""
        found = self._kept(self.lane(lane).ask("GET", path, self.headers(extra)))
        asked = found.headers.get("HX-Redirect") or found.headers.get("Location") or ""
        if not PURPOSE.match(asked):
            return found
        self.post(asked.partition("?")[0], {"purpose": "file"})
        return self._kept(self.lane(lane).ask("GET", path, self.headers(extra)))

    def page(self, path: str, *, lane: int = 0, extra: dict[str, str] | None = None) -> Answer:
        """Fetch an address that must answer 200."""
        found = self.get(path, lane=lane, extra=extra)
        if found.status != 200:
            raise UnexpectedError(f"{path} answered {found.status}")
        return found

    def post(self, path: str, values: Form, extra: dict[str, str] | None = None) -> Answer:
        """Send a form with the token of the session."""
        return self.send(path, urlencode(values).encode(), "application/x-www-form-urlencoded", extra)

    def send(self, path: str, body: bytes, kind: str, extra: dict[str, str] | None = None) -> Answer:
        """Send a body of some content type with the token of the session."""
        token = next((value for name, value in self.cookies.items() if "csrf" in name), "")
        sent = {"X-CSRFToken": token, "Content-Type": kind, **(extra or {})}
        return self._kept(self.lane().ask("POST", path, self.headers(sent), body))

    def _kept(self, answer: Answer) -> Answer:
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def whole_page(self, path: str) -> int:
        """Fetch a frame and all its panels side by side, as a browser does; return how many addresses were read."""
        addresses = [found.decode().replace("&amp;", "&") for found in PANEL.findall(self.page(path).text)]
        errors: list[BaseException] = []
        waiting = iter(addresses)
        lock = threading.Lock()

        def fetch(lane: int) -> None:
            while True:
                with lock:
                    address = next(waiting, None)
                if address is None:
                    return
                try:
                    self.page(address, lane=lane, extra=HTMX)
                except BaseException as error:  # noqa: BLE001  (told by the thread that waits)
                    errors.append(error)
                    return

        threads = [threading.Thread(target=fetch, args=(lane,)) for lane in range(min(LANES, len(addresses)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return 1 + len(addresses)


def sign_in(port: int, username: str, password: str, *, path: str, field_name: str) -> Person:
    """Sign in by the form, as a person does."""
    person = Person(port)
    token = TOKEN.search(person.page(path).text)
    if token is None:
        raise UnexpectedError(f"{path} has no form")
    given = {"csrfmiddlewaretoken": token[1].decode(), field_name: username, "password": password}
    answer = person.post(path, given)
    if answer.status != 302 or not any("session" in name for name in person.cookies):
        raise UnexpectedError(f"{username} could not sign in: {answer.status}")
    return person


def staff(port: int, username: str, password: str) -> Person:
    """Sign in to Steward."""
    return sign_in(port, username, password, path="/accounts/login/", field_name="login")


def visitor(port: int, username: str, password: str) -> Person:
    """Sign in to the rival."""
    return sign_in(port, username, password, path="/login/", field_name="username")


def timed(people: Sequence[Person], work: Callable[[Person], object], times: int) -> list[float]:
    """Let everybody do ``work`` so many times, all at once; return the seconds of each."""
    taken: list[float] = []
    errors: list[BaseException] = []

    def act(person: Person) -> None:
        try:
            for _ in range(times):
                begun = time.perf_counter()
                work(person)
                taken.append(time.perf_counter() - begun)
        except BaseException as error:  # noqa: BLE001  (told by the thread that waits)
            errors.append(error)

    threads = [threading.Thread(target=act, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return taken


def p95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[18] if len(seconds) > 1 else seconds[0]
