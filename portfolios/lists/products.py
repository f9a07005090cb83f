"""The list of products."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.access import Permission
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, in_words, register
from portfolios import queries
from portfolios.forms import PRICE_STATES, ProductFilter

TONES = {"none": "act", "stale": "warn", "estimated": "info", "priced": "good"}


def _rows(asked: Asked) -> models.QuerySet[Any]:
    rows, chosen = queries.products(on=asked.viewer.today), asked.chosen
    wanted = {name: chosen[name] for name in ("asset_class", "currency", "state") if chosen[name]}
    return rows.filter(**wanted)


def _class(row: Any) -> str:
    return " · ".join(filter(None, (in_words(row, "asset_class"), row.isin or row.reference)))


def _text(name: str) -> Any:
    """Return a number of a product as it is loaded, empty where it has none."""
    return lambda row: "" if getattr(row, name) is None else f"{getattr(row, name).normalize():f}"


PRODUCTS = register(
    Listing(
        name="products",
        title=_("Products"),
        kicker=_("Instruments that clients hold or are measured by"),
        url="portfolios:products",
        permission=Permission.PRODUCT_READ,
        rows=_rows,
        filters=filters_of(ProductFilter),
        sort="name",
        columns=(
            Column(
                "name",
                _("Product"),
                str,
                sort=("name",),
                sub=_class,
                link=PageOf("portfolios:product"),
                fixed=True,
                wide=True,
            ),
            Column("currency", _("Currency"), "currency", sort=("currency",)),
            Column("issuer", _("Issuer"), "issuer"),
            Column("price", _("Price"), "price", Kind.NUMBER, sub="price_source"),
            Column("day", _("Price of"), "price_date", Kind.DATE, sort=("price_date",)),
            Column(
                "state", _("State"), lambda row: PRICE_STATES[row.state], Kind.BADGE, tone=lambda row: TONES[row.state]
            ),
            Column("risk", _("Risk"), lambda row: f"R{row.risk_level}", sort=("risk_level",), shown=False),
        ),
        feed="prices",
        fields=(
            Field("record", _("Record"), lambda _row: "instrument"),
            Field("reference", _("Reference"), "reference"),
            Field("name", _("Product"), "name"),
            Field("name_zh", _("Chinese name"), "name_zh"),
            Field("isin", _("ISIN"), "isin"),
            Field("asset_class", _("Asset class"), "asset_class"),
            Field("currency", _("Currency"), "currency"),
            Field("issuer", _("Issuer"), "issuer.reference"),
            Field("country", _("Country"), "country"),
            Field("sector", _("Sector"), "sector"),
            Field("risk_level", _("Risk"), "risk_level", Kind.NUMBER),
            Field("multiplier", _("Multiplier"), _text("multiplier")),
            Field("coupon", _("Coupon"), _text("coupon")),
            Field("coupon_frequency", _("Coupons a year"), "coupon_frequency", Kind.NUMBER),
            Field("matures_on", _("Maturity"), "matures_on", Kind.DATE),
            Field("price", _("Price"), "price", Kind.NUMBER, feed=False),
            Field("price_date", _("Price of"), "price_date", Kind.DATE, feed=False),
            Field("price_source", _("Source"), "price_source", feed=False),
        ),
        empty=Empty("package", _("No product here"), _("They come with the file of prices and rates.")),
    )
)
