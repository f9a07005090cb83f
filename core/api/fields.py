"""What bodies are made of: strict serializers, money and figures as text, ids, problem documents."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BIGGEST = 2**63 - 1


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses keys it does not know, and numbers where text is meant."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown and read-only keys by name."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            wrong = {name: [_("This field is not known here.")] for name in sorted(set(data) - writable)}
            texts = [name for name, field in self.fields.items() if isinstance(field, serializers.CharField)]
            wrong |= {name: [_("Write this as text.")] for name in texts if isinstance(data.get(name), (int, float))}
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class Nothing(Strict):
    """The body of an act that needs no words: none, or an empty object."""


class Versioned(Strict):
    """A write to a row with versions; the version may stand in the header ``If-Match`` instead."""

    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="The version that was read; or send `If-Match`."
    )


class Amount(serializers.DecimalField):
    """Money in JSON: a string, never a float, to the last digit that is stored and at least the cents."""

    places = 2

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 20, "decimal_places": 4, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """Refuse JSON numbers, exponents and whatever else Python would take for a number."""
        if not isinstance(data, str) or not PLAIN.fullmatch(data):
            raise serializers.ValidationError(_('Write amounts as text, such as "1234.50".'))
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> str:
        """Write the digits out, without rounding and without zeros that say nothing."""
        whole, _point, part = f"{Decimal(value):f}".partition(".")
        part = part.rstrip("0").ljust(self.places, "0")
        return f"{whole}.{part}" if part else whole


class Figure(Amount):
    """A rate, price, quantity or weight in JSON: a string with the digits it has."""

    places = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 40, "decimal_places": 28, **kwargs})


class Id(serializers.IntegerField):
    """A row's id as it is sent in a body or a filter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BIGGEST, **kwargs})


class Problem(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField(help_text="Always about:blank.")
    title = serializers.CharField(help_text="What went wrong, in the reader's language.")
    status = serializers.IntegerField()
    code = serializers.CharField(required=False, help_text="The stable name of the rule that refused.")
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field, not what a serializer found
        required=False, child=serializers.JSONField(), help_text="Sentences by the field or parameter to blame."
    )
    theirs = serializers.DictField(
        required=False, child=serializers.CharField(), help_text="After a conflict: what the other person saved."
    )
