"""What programs may do with bank files."""

import io
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.access import Permission
from core import clock
from core.api import Door, Strict
from core.errors import Refused
from core.web import LARGEST_BYTES, Rule
from portfolios import operations, queries
from portfolios.feeds.sources import ENCODINGS, SEPARATORS
from portfolios.models import FeedRun


class FeedWishes(Strict):
    """What a bank file is, and how to take it; the parameters beside a file that is sent as it is."""

    kind = serializers.ChoiceField(choices=FeedRun.Kind.choices, required=False)
    file_name = serializers.CharField(max_length=200, required=False)
    mapping = serializers.SlugField(max_length=40, required=False, help_text="The name of a mapping, for kind mapped.")
    strategy = serializers.ChoiceField(choices=FeedRun.Strategy.choices, default="both")
    dry_run = serializers.BooleanField(default=False)
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False, help_text="Detected where left out.")
    separator = serializers.ChoiceField(choices=SEPARATORS, required=False, help_text="Detected where left out.")


class FeedIn(FeedWishes):
    """A bank file as text, and the layout it is in."""

    kind = serializers.ChoiceField(choices=FeedRun.Kind.choices)
    file_name = serializers.CharField(max_length=200)
    content = serializers.CharField(trim_whitespace=False, help_text="CSV with a header line.")


class FeedLine(serializers.ModelSerializer[FeedRun]):
    """A bank file that was received, and what became of it."""

    uploaded_by = serializers.CharField(source="uploaded_by.username")

    class Meta:
        model = FeedRun
        fields = (
            "id",
            "kind",
            "file_name",
            "sha256",
            "state",
            "created",
            "changed",
            "unchanged",
            "skipped",
            "strategy",
            "dry_run",
            "source",
            "uploaded_by",
            "uploaded_at",
            "applied_at",
        )
        read_only_fields = fields


class FeedError(serializers.Serializer[queries.FeedCard]):
    """A refused line."""

    line = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class FeedWhole(serializers.Serializer[queries.FeedCard]):
    """A bank file with its progress and the lines that were refused."""

    id = serializers.IntegerField(source="run.pk")
    kind = serializers.ChoiceField(source="run.kind", choices=FeedRun.Kind.choices)
    file_name = serializers.CharField(source="run.file_name")
    sha256 = serializers.CharField(source="run.sha256")
    state = serializers.ChoiceField(source="run.state", choices=FeedRun.State.choices)
    created = serializers.IntegerField(source="run.created")
    changed = serializers.IntegerField(source="run.changed")
    unchanged = serializers.IntegerField(source="run.unchanged")
    skipped = serializers.IntegerField(source="run.skipped")
    strategy = serializers.ChoiceField(source="run.strategy", choices=FeedRun.Strategy.choices)
    dry_run = serializers.BooleanField(source="run.dry_run")
    source = serializers.ChoiceField(source="run.source", choices=FeedRun.Source.choices)  # type: ignore[assignment]  # a field
    uploaded_by = serializers.CharField(source="run.uploaded_by.username")
    uploaded_at = serializers.DateTimeField(source="run.uploaded_at")
    applied_at = serializers.DateTimeField(source="run.applied_at", allow_null=True)
    errors = FeedError(many=True)  # type: ignore[assignment]  # a field, not what a serializer found
    done = serializers.IntegerField(source="pace.done", help_text="Rows applied so far, while it runs.")
    total = serializers.IntegerField(source="pace.total")
    failed = serializers.BooleanField(help_text="The work was given up; somebody must look.")


class Feeds(Door):
    """Bank files, applied whole or not at all."""

    rules = {
        "list": Rule(Permission.FEED_READ),
        "retrieve": Rule(Permission.FEED_READ),
        "create": Rule(Permission.FEED_APPLY, methods=("POST",), most_bytes=LARGEST_BYTES),
    }
    takes = {"create": FeedIn}
    filters = {"create": FeedWishes}
    files = frozenset({"create"})
    answers = {"list": FeedLine, "retrieve": FeedWhole, "create": FeedLine}
    statuses = {"create": (201, 200)}
    order = ("-id",)
    lookup_url_kwarg = "run_id"

    def list(self, request: Request) -> Response:
        """List the files that were received, newest first."""
        return self.pages(queries.feed_runs(user=self.user), what="feeds")

    def retrieve(self, request: Request, run_id: int) -> Response:
        """Show a file's progress, its counts or its errors."""
        return self.answer(queries.feed(user=self.user, run_id=run_id))

    def create(self, request: Request) -> Response:
        """Send a bank file in JSON, or as it is with what it is in the query; one received before answers 200."""
        now = clock.now()
        given = self.chosen if self.sent_file else self.given()
        if missing := {"kind", "file_name"} - given.keys():
            raise serializers.ValidationError({name: [_("This field is required.")] for name in sorted(missing)})
        sent: BinaryIO = request._request  # type: ignore[assignment]  # noqa: SLF001  (its body, as it is)
        content = sent if self.sent_file else io.BytesIO(given["content"].encode())
        run = operations.receive(
            user=self.user,
            kind=given["kind"],
            file_name=given["file_name"],
            content=content,
            now=now,
            wishes=_wishes(given),
        )
        return self.answer(run, 201 if run.uploaded_at == now else 200)


def _wishes(given: dict[str, Any]) -> operations.Wishes:
    """Return how a program wants its file taken.

    Raises:
        Refused: no mapping has that name.
    """
    ids = {name: key for key, name in queries.mapping_names().items()}
    if given.get("mapping") and given["mapping"] not in ids:
        raise Refused("feed-kind", _("No such layout."), field="mapping")
    return operations.Wishes(
        strategy=given["strategy"],
        dry_run=given["dry_run"],
        encoding=given.get("encoding", ""),
        separator=given.get("separator", ""),
        mapping_id=ids.get(given.get("mapping", "")),
        source=FeedRun.Source.API,
    )
