"""What must hold before the application starts."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

from core.web import rules_of


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every (path pattern, callback) of the project, third-party ones too."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def undeclared() -> list[str]:
    """Return the routes without a rule."""
    return [path for path, callback in routes() if None in rules_of(callback).values()]


@register(Tags.security)
def doors_are_declared(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse to start with a route that does not say who may use it."""
    return [Error(f"the route {path!r} declares no rule", id="steward.E001") for path in undeclared()]
