"""What an answer says, without what differs from one request to the next."""

import json
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client as Browser

from tests.access.routes import FORMS, Route

PASSING = [
    (re.compile(rb'nonce="[^"]+"'), b'nonce=""'),
    (re.compile(rb"'nonce-[^']+'"), b"'nonce-'"),
    (re.compile(rb'(csrfmiddlewaretoken"[^>]*value=")[^"]+'), rb"\1"),
    (re.compile(rb"(X-CSRFToken\W+)[A-Za-z0-9]{32,}"), rb"\1"),
    (re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), b"uuid"),
    (re.compile(rb"\b7[19]\d{8}\b"), b"id"),
]
UNTOLD = {"X-Request-Id", "Date", "Set-Cookie"}


def ask(browser: Browser, method: str, route: Route, values: dict[str, Any], **more: Any) -> HttpResponseBase:
    """Knock at a route with a form its owner could send."""
    path = route.path(values)
    if method in {"GET", "HEAD"}:
        return browser.generic(method, path, **more)
    form = {name: value() if callable(value) else value for name, value in FORMS.get(route.pattern, {}).items()}
    for value in form.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    if path.startswith("/api/"):
        return browser.generic(method, path, data=json.dumps(form), content_type="application/json", **more)
    return browser.post(path, form, **more) if method == "POST" else browser.generic(method, path, **more)


def body(answer: HttpResponseBase) -> bytes:
    """Return the bytes of an answer, streamed or not."""
    return b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]


def said(answer: HttpResponseBase) -> tuple[int, dict[str, bytes], bytes]:
    """Return status, headers and body with ids, nonces and tokens taken out."""
    headers = {name: masked(value.encode()) for name, value in answer.items() if name not in UNTOLD}
    return answer.status_code, headers, masked(body(answer))


def masked(text: bytes) -> bytes:
    """Take out what passes."""
    for pattern, plain in PASSING:
        text = pattern.sub(plain, text)
    return text
