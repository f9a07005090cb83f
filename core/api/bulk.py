"""Many acts in one request: each under the rule of the single one, all of them or none."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.fields import Strict
from core.api.refusals import ItemsRefused, told

ITEMS_MOST = 500


class Items(Strict):
    """Many items; a subclass gives ``items`` its kind by ``many``."""


def many(item: type[Strict]) -> serializers.ListField:
    """Return the field of a body with many of ``item``."""
    return serializers.ListField(child=item(), allow_empty=False, max_length=ITEMS_MOST)


def typed(body: Strict) -> list[dict[str, Any]]:
    """Return the items as typed values.

    Raises:
        ItemsRefused: by index, where items are wrong by themselves or name one row twice.
        ValidationError: the body as a whole is wrong.
    """
    if not body.is_valid():
        wrong: Any = body.errors.get("items")
        if not isinstance(wrong, Mapping):
            raise serializers.ValidationError(body.errors)
        raise ItemsRefused({str(index): _unfit(errors) for index, errors in wrong.items()})
    items: list[dict[str, Any]] = body.validated_data["items"]
    times = Counter(item["id"] for item in items if "id" in item)
    twice = {str(index): item for index, item in enumerate(items) if times[item.get("id")] > 1}
    if twice:
        raise ItemsRefused({index: _unfit({"id": [_("Give this once.")]}) for index in twice})
    return items


def each(items: list[dict[str, Any]], act: Callable[[dict[str, Any]], Any]) -> list[Any]:
    """Do ``act`` for every item and return what it returned, in their order.

    Rows are locked in the order of their ids, so that two such requests do not wait for each other in a ring.

    Raises:
        ItemsRefused: by index, with what each refused item would have been answered alone; nothing was done.
    """
    done: dict[int, Any] = {}
    refused: dict[str, dict[str, Any]] = {}
    for index in sorted(range(len(items)), key=lambda index: (_row(items[index]), index)):
        try:
            with transaction.atomic():
                done[index] = act(items[index])
        except Exception as error:
            problem = told(error)
            if problem is None:
                raise
            refused[str(index)] = problem
    if refused:
        raise ItemsRefused(dict(sorted(refused.items(), key=lambda one: int(one[0]))))
    return [done[index] for index in range(len(items))]


def _row(item: dict[str, Any]) -> int:
    number: int = item.get("id") or item.get("client") or 0
    return number


def _unfit(errors: Any) -> dict[str, Any]:
    return {"title": _("That request was not understood"), "status": 400, "errors": errors}
