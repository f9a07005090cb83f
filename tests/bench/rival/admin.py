"""Django's admin with its defaults, showing the same columns of the same model; and once with as many rows as ours."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clients.models import Client
from tests.bench.rival.rows import with_people


class ClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not a generic while running
    """The list as an admin writes it: columns, filters, a search box."""

    list_display = ("name", "reference", "kind", "tier", "manager_name", "last_contact_at", "household")
    list_filter = ("kind", "tier")
    list_select_related = ("household",)
    search_fields = ("name", "sort_name", "alias", "reference")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        """Bring what the columns need in the same query."""
        return with_people(super().get_queryset(request))

    def manager_name(self, row: Any) -> str:
        """Show who looks after the client."""
        return str(row.manager_name)

    def last_contact_at(self, row: Any) -> Any:
        """Show when somebody last spoke to the client."""
        return row.last_contact_at

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Grant without a query."""
        return True


class Site(admin.AdminSite):
    """Everybody who can sign in may use it."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Grant without a query."""
        return bool(request.user.is_active)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every admin page needs."""
        return {**super().each_context(request), "has_permission": True}


class SameRows(ClientAdmin):
    """The same with fifty rows a page, as Steward shows them."""

    list_per_page = 50


site = Site(name="admin")
site.register(Client, ClientAdmin)
same = Site(name="same")
same.register(Client, SameRows)
