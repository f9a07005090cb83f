"""The demo's SMTP server: takes every message, keeps it durably, delivers none.

    python -m config.mailsink --port 2525 --folder var/mail     serve
    python -m config.mailsink --folder var/mail --read [N]      list what is kept, or show message N

A sender whose connection broke after DATA does not know whether the message was taken. This server can be asked: it
offers ``XJOURNAL``, whose answer for a Message-ID is ``250 kept`` or ``550 unknown``.
"""

import argparse
import asyncio
import contextlib
import email.policy
import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path
from typing import Literal, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

HEADERS = BytesHeaderParser(policy=email.policy.default)


@dataclass
class Fault:
    """One thing that goes wrong, ``times`` times, for recipients that contain ``recipient``.

    refuse: RCPT answers 550. defer: RCPT answers 451. delay: DATA is answered after ``seconds``.
    drop: the connection closes after DATA and the message is not kept.
    keep_and_drop: the message is kept and the connection closes before the answer.
    """

    kind: Literal["refuse", "defer", "delay", "drop", "keep_and_drop"]
    recipient: str = ""
    times: int = 1
    seconds: float = 0


class Mailbox:
    """A Maildir and the Message-IDs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._serial = itertools.count()
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.ids = Counter(message_id(path.read_bytes()) for path in self.paths())

    def paths(self) -> list[Path]:
        """Kept messages, oldest first."""
        return sorted([*(self.folder / "new").iterdir(), *(self.folder / "cur").iterdir()], key=lambda path: path.name)

    def messages(self) -> list[EmailMessage]:
        """Kept messages, parsed, oldest first."""
        parser = BytesParser(policy=email.policy.default)
        return [parser.parsebytes(path.read_bytes()) for path in self.paths()]

    def keep(self, content: bytes, recipients: Iterable[str]) -> None:
        """Write one message so that it survives a power cut, then count its Message-ID."""
        name = f"{time.time_ns():020}.{os.getpid()}_{next(self._serial)}.steward"
        envelope = "".join(f"Delivered-To: {address}\r\n" for address in recipients).encode()
        part = self.folder / "tmp" / name
        with part.open("xb") as file:
            file.write(envelope + content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.folder / "new" / name)
        directory = os.open(self.folder / "new", os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        self.ids[message_id(content)] += 1


def message_id(content: bytes) -> str:
    """The Message-ID of a message, or the empty string."""
    return str(HEADERS.parsebytes(content)["Message-ID"] or "").strip()


class Server(SMTP):
    """The protocol with one verb more."""

    async def smtp_XJOURNAL(self, argument: str | None) -> None:  # noqa: N802  (the verb's name)
        """Say whether a Message-ID is kept."""
        kept = bool(argument) and str(argument).strip() in self.event_handler.mailbox.ids
        await self.push("250 kept" if kept else "550 unknown")


class MailSink:
    """The server, in a thread of its own. Tests put ``Fault`` objects into ``faults`` and read ``mailbox``."""

    def __init__(self, folder: Path, port: int = 0, host: str = "127.0.0.1") -> None:
        self.mailbox = Mailbox(folder)
        for unfinished in (folder / "tmp").iterdir():
            unfinished.unlink()
        self.faults: list[Fault] = []
        self.host, self.port = host, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mailsink", daemon=True)

    @property
    def url(self) -> str:
        """The value for SMTP_URL."""
        return f"smtp://{self.host}:{self.port}"

    def start(self) -> Self:
        """Listen; port 0 becomes a free one."""
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        except OSError:
            self._end_loop()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Close the port and all connections."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._end_loop()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_error: object) -> None:
        """Stop."""
        self.stop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._connection, self.host, self.port)

    def _connection(self) -> Server:
        return Server(
            self, hostname="steward.example", ident="Steward mail sink", loop=self._loop, enable_SMTPUTF8=True
        )

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fault(self, kind: str, recipients: list[str]) -> Fault | None:
        for fault in self.faults:
            if fault.kind == kind and fault.times and any(fault.recipient in address for address in recipients):
                fault.times -= 1
                return fault
        return None

    # What aiosmtpd calls

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer the extra verb."""
        session.host_name = hostname
        return [*responses[:-1], "250-XJOURNAL", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take every recipient, unless told otherwise."""
        if self._fault("refuse", [address]):
            return "550 5.1.1 no such mailbox"
        if self._fault("defer", [address]):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, then answer."""
        if slow := self._fault("delay", envelope.rcpt_tos):
            await asyncio.sleep(slow.seconds)
        if self._fault("drop", envelope.rcpt_tos):
            return hang_up(server)
        content = envelope.content or b""
        self.mailbox.keep(content if isinstance(content, bytes) else content.encode(), envelope.rcpt_tos)
        if self._fault("keep_and_drop", envelope.rcpt_tos):
            return hang_up(server)
        return "250 2.0.0 kept"


def hang_up(server: SMTP) -> str:
    """Break the connection; the answer never reaches the sender."""
    if server.transport:
        server.transport.abort()  # type: ignore[attr-defined]
    return "421 4.4.2 closing"


# --- reading ---------------------------------------------------------------------------------------------------------


def attachments(message: EmailMessage) -> list[tuple[str, bytes]]:
    """File names, without folders, and contents."""
    found = []
    for part in message.iter_attachments():
        name = Path((part.get_filename() or "attachment").replace("\\", "/")).name
        found.append((name, part.get_payload(decode=True) or b""))
    return found  # type: ignore[return-value]


def list_messages(mailbox: Mailbox) -> None:
    """One line a message, newest first. Numbers count from the oldest, so that they stay."""
    messages = mailbox.messages()
    for number, message in reversed(list(enumerate(messages, start=1))):
        names = ", ".join(name for name, _content in attachments(message))
        print(
            f"{number:>5}  {message['Date']}  {message['To']}  {message['Subject']}" + (f"  [{names}]" if names else "")
        )
    print(f"{len(messages)} messages in {mailbox.folder}" + ("; `make mail N=number` shows one" if messages else ""))


def show(mailbox: Mailbox, number: int) -> None:
    """Print a message and save what is attached to it."""
    messages = mailbox.messages()
    if not 1 <= number <= len(messages):
        raise SystemExit(f"there is no message {number}; there are {len(messages)}")
    message = messages[number - 1]
    for name in ("Date", "From", "To", "Subject", "Message-ID"):
        print(f"{name}: {message[name]}")
    body = message.get_body(("plain", "html"))
    print("", body.get_content() if body else "(no text)", sep="\n")
    for name, content in attachments(message):
        path = mailbox.folder / "attachments" / f"{number}-{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        print(f"attachment saved: {path}")


def main() -> None:
    """Serve until told to end, or read."""
    parser = argparse.ArgumentParser(prog="python -m config.mailsink", description="The demo's SMTP server.")
    parser.add_argument("--folder", type=Path, default=Path("var/mail"))
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--read", nargs="?", type=int, const=0, metavar="N", help="list messages, or show message N")
    options = parser.parse_args()
    if options.read is None:
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        with MailSink(options.folder, options.port) as sink:
            print(f"mail sink listens on {sink.url}", flush=True)
            signal.sigwait(ends)
    elif options.read:
        show(Mailbox(options.folder), options.read)
    else:
        list_messages(Mailbox(options.folder))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
