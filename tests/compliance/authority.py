"""A time-stamping authority to test with (RFC 3161): its own root, and answers signed by a certificate of that root."""

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.3.6.1.4.1.99999.1"
Key = ec.EllipticCurvePrivateKey
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: x509.Certificate | None, with_: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """Return a root, or a certificate that may stamp times and nothing else."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(by.subject if by else subject)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(today - dt.timedelta(days=9)).not_valid_after(today + dt.timedelta(days=9))
    made = made.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if by:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        public = with_.public_key()
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    return made.sign(with_, hashes.SHA256())


@dataclass
class Stamps:
    """The authority: what it answers with, and how its clock differs. ``spoiled`` breaks the signature."""

    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    own: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    ahead: dt.timedelta = dt.timedelta(0)
    spoiled: bool = False
    asked: int = 0
    url: str = ""

    def __post_init__(self) -> None:
        self.root = certificate("Root of a test", self.own, None, self.own)
        self.leaf = certificate("Clock of a test", self.key, self.root, self.own)

    def roots(self, folder: Path) -> Path:
        """Write the root for whoever verifies."""
        path = folder / "roots.pem"
        path.write_bytes(self.root.public_bytes(PEM))
        return path

    def answer(self, query: bytes) -> bytes:
        """Return a granted response to a request."""
        self.asked += 1
        request = tsp.TimeStampReq.load(query)
        info = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": int.from_bytes(os.urandom(8)),
            "gen_time": (dt.datetime.now(dt.UTC) + self.ahead).replace(microsecond=0),
            "nonce": request["nonce"],
        }
        told = tsp.TSTInfo(info).dump()
        signed = {
            "version": "v3",
            "digest_algorithms": [SHA256],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(told)},
            "certificates": [asn1.Certificate.load(self.leaf.public_bytes(DER))],
            "signer_infos": [self._signer(told)],
        }
        token = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _signer(self, told: bytes) -> cms.SignerInfo:
        leaf = asn1.Certificate.load(self.leaf.public_bytes(DER))
        identity = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self.leaf.public_bytes(DER)).digest()})
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(told).digest()]},
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [identity]})]},
            ]
        )
        signature = self.key.sign(attributes.untag().dump(), ec.ECDSA(hashes.SHA256()))
        if self.spoiled:
            signature = self.own.sign(b"another text", ec.ECDSA(hashes.SHA256()))
        signer = {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier("issuer_and_serial_number", signer),
                "digest_algorithm": SHA256,
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": signature,
            }
        )


@contextmanager
def serving(stamps: Stamps) -> Iterator[Stamps]:
    """Answer over HTTP on a free port."""

    class Door(BaseHTTPRequestHandler):
        """Turns requests into stamps."""

        def do_POST(self) -> None:
            """Stamp a time."""
            content = stamps.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        host, port = server.server_address[:2]
        stamps.url = f"http://{host!s}:{port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield stamps
        finally:
            server.shutdown()
            thread.join()
