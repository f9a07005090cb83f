"""Requests to addresses that people typed in reach the public internet, and nothing of the house."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.programs import outbound
from core.programs.outbound import Failed, post
from tests.api.receiver import Receiver, certificate, drip, listening

Found = list[tuple[Any, ...]]


def sent(url: str, listed: tuple[str, ...] = ()) -> str:
    """Return how a request ends: the status, or why there is none."""
    try:
        return str(post(url, body=b"{}", headers={}, listed=listed).status)
    except Failed as failure:
        return failure.code


def found(*addresses: str) -> Found:
    """Return what a resolver answers."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver."""
    with listening() as told:
        yield told


PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",  # noqa: S104  (an address that is refused)
    "224.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "192.0.0.192",
    "64:ff9b:1::a00:1",
    "::",
    "::1",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_the_house_is_refused(address: str, monkeypatch: Any) -> None:
    plain = f"[{address}]" if ":" in address else address
    monkeypatch.setattr(socket, "create_connection", refuse_to_connect)
    assert sent(f"https://{plain}/") == "address"
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found(address))
    assert sent("https://innocent.example/") == "address"


def refuse_to_connect(*_arguments: object, **_named: object) -> None:
    """Fail a test in which anything is connected to."""
    raise AssertionError("connected")


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2002:101:101::"])
def test_a_public_address_is_not(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/",
        "ftp://bank.example/",
        "file:///etc/passwd",
        "gopher://bank.example/",
        "//bank.example/",
        "https://",
        "https:///path",
        "https://user:password@bank.example/",
        "https://bank.example@127.0.0.1/",
        "https://bank.example\\@127.0.0.1/",
        "https://bank.example/ x",
        "https://bank.example/\r\nHost: other",
        "https://bank.example/\x00",
        "https://bänk.example/",
        "https://bank.example:0/",
        "https://bank.example:99999/",
        "https://bank.example:x/",
        "https://bank.example/#part",
        "https://[::1/",
        "https://bank.example/" + "x" * 500,
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_is_none_is_refused(url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "create_connection", refuse_to_connect)
    assert sent(url) == "url"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "localhost", "0"])
def test_other_spellings_of_this_machine_are_refused(host: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "create_connection", refuse_to_connect)
    assert sent(f"https://{host}/") in {"address", "name"}


def test_one_private_address_among_public_ones_is_enough(monkeypatch: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found("93.184.216.34", "127.0.0.1"))
    assert sent("https://two.example/") == "address"


def test_a_name_that_changes_its_mind_gains_nothing(receiver: Receiver, monkeypatch: Any) -> None:
    answers = [found("93.184.216.34"), found("127.0.0.1")]
    connected: list[tuple[str, int]] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers.pop(0))

    def connect(address: tuple[str, int], *_more: object) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    assert sent(f"https://rebinding.example:{receiver.port}/") == "connection"
    assert connected == [("93.184.216.34", receiver.port)]
    assert len(answers) == 1
    assert receiver.received == []


def test_this_machine_is_called_where_it_is_listed_alone(receiver: Receiver) -> None:
    assert sent(receiver.url, (receiver.host,)) == "204"
    assert sent(receiver.url) == "url"
    assert sent(receiver.url.replace("http:", "https:")) == "address"
    assert sent(receiver.url, (f"localhost:{receiver.port + 1}",)) == "url"
    assert sent(receiver.url.replace("localhost", "127.0.0.1"), (receiver.host,)) == "url"
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    with listening() as elsewhere:
        receiver.status, receiver.headers = status, {"Location": elsewhere.url}
        assert sent(receiver.url, (receiver.host, elsewhere.host)) == str(status)
        assert elsewhere.received == []


def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    receiver.status, receiver.body = 200, b"x" * 10_000_000
    assert len(post(receiver.url, body=b"", headers={}, listed=[receiver.host]).text) == outbound.MOST_BYTES


def test_an_answer_that_drips_is_cut_off(receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 1)
    receiver.act, began = drip, time.monotonic()
    assert sent(receiver.url, (receiver.host,)) == "timeout"
    assert time.monotonic() - began < 3


def test_silence_is_cut_off(receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 1)
    receiver.act = lambda _handler: time.sleep(2)
    assert sent(receiver.url, (receiver.host,)) == "timeout"


def test_words_that_are_no_http_are_a_failure(receiver: Receiver) -> None:
    receiver.act = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    assert sent(receiver.url, (receiver.host,)) == "connection"


def test_nobody_there_is_a_failure() -> None:
    with listening() as gone:
        url, host = gone.url, gone.host
    assert sent(url, (host,)) == "connection"
    assert sent("https://no-such-name.invalid/") == "name"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with listening(certificate=certificate(tmp_path)) as told:
        assert sent(told.url, (told.host,)) == "tls"
        assert told.received == []


def test_a_certificate_must_be_of_the_host(tmp_path: Path, monkeypatch: Any) -> None:
    pair = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    with listening(certificate=pair) as told:
        assert sent(told.url, (told.host,)) == "tls"
        assert told.received == []


def test_https_is_spoken_to_whom_the_certificate_names(tmp_path: Path, monkeypatch: Any) -> None:
    pair = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    with listening(certificate=pair) as told:
        assert sent(told.url, (told.host,)) == "204"
    path, headers, body = told.received[0]
    assert (path, headers["Host"], body) == ("/hook?from=steward", told.host, b"{}")
