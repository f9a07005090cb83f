"""The Celery application: it carries ids of jobs, nothing else."""

import os
from urllib.parse import parse_qs, urlsplit

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def broker(redis_url: str) -> str:
    """Return the broker URL for ``REDIS_URL``: kombu spells a socket's database another way than redis-py."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


app = Celery("steward")
app.config_from_object("config.schedule")
app.autodiscover_tasks(["core"], related_name="jobs")
