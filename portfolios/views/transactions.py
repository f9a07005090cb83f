"""The movements of a client's accounts, and the deposits of everybody the person looks after."""

from django.http.response import HttpResponseBase

from core import clock, lists
from core.web import StaffRequest, door
from portfolios.lists import DEPOSITS, TRANSACTIONS


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def transactions(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List movements, newest first, with the balance after each."""
    return lists.answer(request, TRANSACTIONS, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def deposits(request: StaffRequest) -> HttpResponseBase:
    """List deposits by the day they fall due."""
    return lists.answer(request, DEPOSITS, now=clock.now())
