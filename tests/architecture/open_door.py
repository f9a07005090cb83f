"""Addresses with one that declares no rule, for the test that the start refuses them."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def forgotten(request: HttpRequest) -> HttpResponse:
    """Answer anybody, which nobody decided."""
    return HttpResponse("open")


urlpatterns = [path("forgotten/", forgotten)]
