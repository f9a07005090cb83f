"""The witness: ``python -m config.witness``, run by another department on another machine.

Told by its environment, or by the file WITNESS_FILE names: WITNESS_KEY_FILE, WITNESS_FOLDER, WITNESS_LOGS (the logs'
public keys, spaces between), WITNESS_ADDRESS (``host:port``). It answers POST /add-checkpoint (C2SP tlog-witness) and
GET /healthz.
"""

import datetime as dt
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from compliance.ledger.notes import signer
from compliance.ledger.verifier import Wrong, key
from compliance.ledger.witness import PLAIN, Answer, Witness
from config.sealing import told

LONGEST = 64 * 1024


def serve(address: tuple[str, int], witness: Witness) -> ThreadingHTTPServer:
    """Return a server that asks ``witness``; the caller runs it."""

    class Door(BaseHTTPRequestHandler):
        """Turns requests into questions."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            """Take a checkpoint."""
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._answer(Answer(404, "not here\n"))
            elif not length.isdecimal() or int(length) > LONGEST:
                self.close_connection = True
                self._answer(Answer(413, "too long\n"))
            else:
                said = self.rfile.read(int(length)).decode(errors="replace")
                try:
                    found = witness.add_checkpoint(said, now=dt.datetime.now(dt.UTC))
                except (Wrong, OSError) as error:  # its own memory was touched, or cannot be written
                    self.log_error("ALARM %s", error)
                    found = Answer(500, "the witness cannot say\n")
                self._answer(found)

        def do_GET(self) -> None:
            """Say that it lives."""
            self._answer(Answer(200, "ok\n") if self.path == "/healthz" else Answer(404, "not here\n"))

        def _answer(self, found: Answer) -> None:
            body = found.text.encode()
            self.send_response(found.status)
            self.send_header("Content-Type", found.kind or PLAIN)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer(address, Door)


def main() -> None:
    """Answer until told to end."""
    values = told("WITNESS_FILE")
    host, _, port = values.get("WITNESS_ADDRESS", "127.0.0.1:8300").rpartition(":")
    logs = [key(one) for one in values["WITNESS_LOGS"].split()]
    own = Witness(Path(values["WITNESS_FOLDER"]), signer(Path(values["WITNESS_KEY_FILE"])), logs)
    with serve((host, int(port)), own) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()


if __name__ == "__main__":
    main()
