"""Once a day somebody else's clock over the newest checkpoint: a time stamp of RFC 3161.

It says that the log was as long at that time, whatever happens to the bank's and the witness's keys later.
"""

import base64
import datetime as dt
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

from compliance.ledger.anchoring import KEEP, STAMP, TIMEOUT, Refused
from compliance.ledger.verifier import SLACK

EVERY = dt.timedelta(days=1)
LONGEST = 64 * 1024
FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
"""A stamp that was written and not recorded is asked for again."""
NEWEST = """
    SELECT size, note FROM compliance_checkpoint WHERE NOT EXISTS (
        SELECT FROM compliance_anchor WHERE keeper = %s AND (anchored_at > %s OR size >= compliance_checkpoint.size))
    ORDER BY size DESC LIMIT 1"""


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority: where it answers, and the roots of its certificates."""

    url: str
    roots: list[Certificate]


def authority(url: str, roots: Path) -> Authority:
    """Read the roots of an authority, certificates in PEM.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no certificate.
    """
    return Authority(url, load_pem_x509_certificates(roots.read_bytes()))


def stamp(connection: psycopg.Connection, by: Authority, folder: Path, *, now: dt.datetime) -> int | None:
    """Have the newest checkpoint stamped; keep it and the answer in ``folder``, for ``openssl ts -verify``.

    Return its size, None when the last stamp is younger than a day or there is nothing new.

    Raises:
        Refused: nobody answers, the answer is not a valid stamp of this checkpoint, or it tells another time.
    """
    with connection.transaction():
        if (row := connection.execute(NEWEST, [STAMP, now - EVERY]).fetchone()) is None:
            return None
        size, note = row
        answer = _stamped(by, note.encode(), now)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for kind, content in (("note", note.encode()), ("tsr", answer)):
                with os.fdopen(os.open(folder / f"{size:020}.{kind}", FRESH, 0o444), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise Refused(f"{folder}: {error.strerror}") from error
        connection.execute(KEEP, [size, STAMP, now, base64.b64encode(answer).decode()])
    return int(size)


def _stamped(by: Authority, note: bytes, now: dt.datetime) -> bytes:
    """Return the authority's answer over a checkpoint, once it was checked."""
    request = TimestampRequestBuilder().data(note).build()
    content = _post(by.url, request.as_bytes())
    try:
        answer = decode_timestamp_response(content)
        verifier = VerifierBuilder.from_request(request)
        for root in by.roots:
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify_message(answer, note)
    except (VerificationError, ValueError) as error:
        raise Refused(f"{by.url} answered with no valid time stamp: {error}") from error
    if abs((answer.tst_info.gen_time - now).total_seconds()) > SLACK:
        raise Refused(f"{by.url} says that it is {answer.tst_info.gen_time:%Y-%m-%d %H:%M}: a clock was set")
    return content


def _post(url: str, content: bytes) -> bytes:
    request = urllib.request.Request(url, content, {"Content-Type": "application/timestamp-query"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  (an address of the settings)
            return bytes(answer.read(LONGEST))
    except (OSError, ValueError) as error:
        raise Refused(f"{url} does not answer: {error}") from error
