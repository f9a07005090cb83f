"""A frozen statement made into its one PDF."""

import datetime as dt
import hashlib
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core import audit
from core.jobs import enqueue
from core.walls import acting, service
from reports import queries
from reports.models import Delivery, Statement
from reports.render import pdf


def render(*, statement_id: int, now: dt.datetime) -> None:
    """Print a statement once, store the bytes, and let its delivery start. Opens its own transactions.

    A second run, or two at once, end with one stored document: whoever records first wins, the other file is removed.
    Without a statement secret there is nothing to lock the document with: the delivery ends there and says so.
    """
    with acting(service()):
        statement = Statement.objects.select_related("client").get(pk=statement_id)
        secret = queries.secret(statement)
        if secret is None:
            waiting = Delivery.objects.filter(statement=statement, state=Delivery.State.WAITING)
            waiting.update(state=Delivery.State.SKIPPED, reason="no-address")
            return
    if not statement.pdf_name:
        _print(statement, secret, now)
    with acting(service()):
        for delivery in Delivery.objects.filter(statement=statement, state=Delivery.State.WAITING):
            enqueue("reports.deliver", now=now, key=f"deliver:{delivery.pk}:0", delivery_id=delivery.pk)


def _print(statement: Statement, secret: str, now: dt.datetime) -> None:
    done = pdf(statement.snapshot, digest=statement.digest, language=statement.language, secret=secret)
    name = default_storage.save(f"statements/{uuid.uuid4()}.pdf", ContentFile(done.content))
    sha256 = hashlib.sha256(done.content).hexdigest()
    values = {"pdf_name": name, "pdf_sha256": sha256, "pages": done.pages, "rendered_at": now}
    with acting(service()):
        first = Statement.objects.filter(pk=statement.pk, pdf_name="").update(**values)
        if first:
            row = ("reports_statement", statement.pk)
            said = {"sha256": sha256, "pages": done.pages}
            audit.record("statement:render", client_id=statement.client_id, row=row, data=said)
    if not first:
        default_storage.delete(name)
