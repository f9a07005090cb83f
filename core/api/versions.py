"""Versions of rows: an ETag where one is read, and the version that a write was based on."""

import re

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

HEADER = "If-Match"
TAG = re.compile(r'"([1-9][0-9]{0,9})"')


def wanted(request: Request, said: int | None, *, needed: bool) -> int | None:
    """Return the version a write is based on: the body's or the header's, which must not differ.

    Raises:
        ValidationError: neither gives one where it is needed, the header is no single tag, or they differ.
    """
    header = request.headers.get(HEADER)
    if header is None:
        if said is None and needed:
            raise serializers.ValidationError({"version": [_("Give the version that was read.")]})
        return said
    found = TAG.fullmatch(header.strip())
    if found is None:
        raise serializers.ValidationError({HEADER: [_('Give one tag as it was read, such as "3".')]})
    if said is not None and said != int(found[1]):
        raise serializers.ValidationError({HEADER: [_("The header and the body name different versions.")]})
    return int(found[1])


def refuse_elsewhere(request: Request) -> None:
    """Refuse a condition that a write would not look at: its sender relies on it.

    Raises:
        ValidationError: the header is there.
    """
    if HEADER in request.headers:
        raise serializers.ValidationError({HEADER: [_("This has no single version.")]})


def tagged(response: HttpResponseBase, version: object) -> None:
    """Say the version of the row that is answered."""
    response["ETag"] = f'"{version}"'
