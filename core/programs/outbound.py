"""Requests to addresses that people typed in: to the public internet over HTTPS, and nowhere else.

The name is resolved once, every address it has must be public, and the connection goes to the one that was checked, so
a name that changes its mind between check and use gains nothing. Redirects are not followed. Hosts on the setting's
list may be private and need no HTTPS; an installation without such receivers has none.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SECONDS = 10
MOST_BYTES = 4096
URL_MOST = 500
HTTP_PORT, HTTPS_PORT = 80, 443
PLATFORM = [
    ipaddress.ip_network(text)
    for text in ("100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48")
]
"""Networks that Python may count as public and that serve machines of a cloud or a provider."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Failed(Exception):  # noqa: N818  (an outcome, not a fault)
    """The request got no answer; ``code`` says why: url, address, name, timeout, connection, tls, answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Reply:
    """What was answered: the status, and how the body begins."""

    status: int
    text: str


def checked(url: str, *, listed: Collection[str] = ()) -> SplitResult:
    """Return the parts of an address that may be called, as far as it can be told without resolving it.

    Raises:
        Failed: ``url`` where it is not a plain HTTPS address, ``address`` where it names a private one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Failed("url") from error
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_MOST
    if not plain or not host or "@" in parts.netloc or "\\" in url or parts.fragment or port == 0:
        raise Failed("url")
    if is_listed(parts, listed) and parts.scheme in ("http", "https"):
        return parts
    if parts.scheme != "https":
        raise Failed("url")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return parts
    if not is_public(address):
        raise Failed("address")
    return parts


def is_listed(parts: SplitResult, listed: Collection[str]) -> bool:
    """Say whether the installation trusts this host and port by name."""
    return f"{parts.hostname}:{port_of(parts)}" in listed


def port_of(parts: SplitResult) -> int:
    """Return the port that is called."""
    return parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the public internet, whatever form it is written in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
    served = any(address in network for network in PLATFORM if network.version == address.version)
    return address.is_global and not address.is_multicast and not address.is_reserved and not served


def post(url: str, *, body: bytes, headers: Mapping[str, str], listed: Collection[str] = ()) -> Reply:
    """Post ``body`` and return the answer, whatever its status. At most 10 seconds after the name is resolved.

    Raises:
        Failed: the address may not be called, or gave no answer in time.
    """
    parts = checked(url, listed=listed)
    connection = _Pinned(parts, _resolved(parts, listed))
    stop = threading.Timer(SECONDS, connection.cut)
    stop.daemon = True
    stop.start()
    try:
        connection.request("POST", _path(parts), body=body, headers=dict(headers))
        response = connection.getresponse()
        text = response.read(MOST_BYTES).decode(errors="replace")
    except ssl.SSLError as error:
        raise Failed("timeout" if connection.was_cut else "tls") from error
    except (OSError, http.client.HTTPException) as error:
        slow = connection.was_cut or isinstance(error, TimeoutError)
        raise Failed("timeout" if slow else "connection") from error
    except ValueError as error:
        raise Failed("url") from error
    finally:
        stop.cancel()
        connection.close()
    if connection.was_cut:
        raise Failed("timeout")
    return Reply(response.status, text)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _resolved(parts: SplitResult, listed: Collection[str]) -> str:
    """Return the one address to connect to.

    Raises:
        Failed: ``name`` where there is none, ``address`` where any of them is not public.
    """
    try:
        found = socket.getaddrinfo(parts.hostname, port_of(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed("name") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise Failed("name")
    if not is_listed(parts, listed):
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise Failed("address")
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, which must prove by its certificate that it is the host."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        super().__init__(parts.hostname or "", port_of(parts), timeout=SECONDS)
        self.default_port = HTTPS_PORT if parts.scheme == "https" else HTTP_PORT  # none but others in the Host header
        self._address = address
        self._context = ssl.create_default_context() if parts.scheme == "https" else None
        self.was_cut = False
        self._open: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address, not to the name."""
        raw = socket.create_connection((self._address, self.port), SECONDS)
        self.sock = self._open = raw
        if self._context is not None:
            self.sock = self._open = self._context.wrap_socket(
                raw, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def cut(self) -> None:
        """End the conversation from outside: each single read may be quick and the whole take for ever."""
        self.was_cut = True
        if self._open is not None:
            try:
                socket.socket.shutdown(self._open, socket.SHUT_RDWR)
            except OSError:  # closed by itself in the meantime
                return
