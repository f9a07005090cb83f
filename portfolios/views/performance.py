"""The page of how a client's money did: spans, what each position added, and the valued days behind them."""

import datetime as dt
from itertools import accumulate

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock, lists
from core.web import StaffRequest, door, known_only, seen
from portfolios import queries
from portfolios.forms import SPANS, PerformanceForm
from portfolios.lists import CLIENT_ADDED, VALUATIONS
from portfolios.lists.tables import KINDS
from portfolios.queries import Performance
from portfolios.rules import charts
from portfolios.rules.contributions import bounds
from portfolios.rules.periods import Measured, chosen_span


@door("portfolio:read", sensitive=True)
def performance(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show returns over the spans that the history allows, and of one of them what each position added."""
    known_only(request.GET, set(PerformanceForm.base_fields))
    benchmarks = queries.benchmarks()
    form = PerformanceForm(request.GET, benchmarks=benchmarks)
    asked = form.cleaned_data if form.is_valid() else {}
    known_at = _end_of(asked.get("known_on"))
    index = next((one for one in benchmarks if one.pk == asked.get("benchmark")), None)
    found = queries.performance(
        user=request.user, client_id=client_id, as_of=clock.today(), known_at=known_at, benchmark=index
    )
    span = chosen_span(found.spans, asked.get("span", ""))
    seen(request, client_id=client_id, what="performance")
    context: dict[str, object] = {"found": found, "form": form, "span": span, "words": SPANS, "known_at": known_at}
    if span:
        added = queries.contributions(user=request.user, found=found, span=span, known_at=known_at)
        context |= {"added": [(one, KINDS[one.kind]) for one in added], **_charts(found, span)}
    return render(request, "portfolios/performance.html", context, status=422 if form.errors else 200)


def _end_of(day: dt.date | None) -> dt.datetime:
    """Return the end of a day at the bank, or now."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max)) if day else clock.now()


def _charts(found: Performance, span: Measured) -> dict[str, object]:
    points = bounds(found.points, span.start, span.end)
    own = [(point.day, point.net) for point in points if point.net]
    index = [(day, found.levels[day]) for day, _level in own if found.levels.get(day)]
    flows = accumulate((point.flow for point in points[1:]), initial=points[0].value)
    put_in = [(point.day, float(amount)) for point, amount in zip(points, flows, strict=True)]
    whole = [(point.day, float(point.value)) for point in points]
    growth = charts.growth(own, index, names=(_("This client, net"), str(found.benchmark or "")))
    unit = charts.UNIT[get_language() or "en"]
    return {"growth": growth, "worth": charts.worth(whole, put_in, names=(_("Worth"), _("Put in")), unit=unit)}


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def added(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List what each position added over a span."""
    return lists.answer(request, CLIENT_ADDED, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def valuations(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List the valued days of a client, the newest first."""
    return lists.answer(request, VALUATIONS, now=clock.now(), client_id=client_id)
