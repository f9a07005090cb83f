"""Which of our rules answers which reference question. Numbers of the files become decimals where amounts are meant."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from core.money import rounded
from portfolios.rules import (
    bonds,
    book,
    costs,
    daycount,
    identifiers,
    insurance,
    interest,
    ladder,
    returns,
    risk,
    words,
)

Inputs = Mapping[str, Any]
Answer = Callable[[Inputs], Any]
CNY = "CNY"
DAY = dt.date.fromisoformat
LIMITS = {
    "CN": 500_000,
    "US": 250_000,
    "EU": 100_000,
    "UK": 120_000,
    "UK_before_2025-12-01": 85_000,
    "HK": 800_000,
    "HK_before_2024-10-01": 500_000,
    "SG": 100_000,
    "SG_before_2024-04-01": 75_000,
    "CH": 100_000,
    "JP": 10_000_000,
    "KR": 100_000_000,
    "KR_before_2025-09-01": 50_000_000,
    "TW": 3_000_000,
    "IN": 500_000,
    "MY": 250_000,
    "AU": 250_000,
    "CA": 100_000,
    "TH": 1_000_000,
    "NZ": 100_000,
}
CATEGORIES = {"US", "CA"}
BASES = {0: bonds.THIRTY, 1: bonds.ACTUAL}


def _exact(value: object) -> Decimal:
    return Decimal(str(value))


def _days(pairs: list[Any]) -> list[tuple[dt.date, Decimal]]:
    return [(DAY(day), _exact(amount)) for day, amount in pairs]


def _flows(pairs: list[Any]) -> list[tuple[dt.date, float]]:
    return [(DAY(day), float(amount)) for day, amount in pairs]


def _last(given: Inputs) -> dt.date | None:
    return DAY(given["termination"]) if given.get("termination") else None


def _year_fraction(given: Inputs) -> Decimal:
    return daycount.year_fraction(
        DAY(given["start"]),
        DAY(given["end"]),
        given["convention"],
        periods=[(DAY(first), DAY(last)) for first, last in given.get("periods", [])],
        frequency=given.get("freq", 1),
        termination=_last(given),
    )


def _thirty(given: Inputs) -> int:
    return daycount.days(DAY(given["start"]), DAY(given["end"]), given["convention"], termination=_last(given))


def _add_months(given: Inputs) -> str:
    return daycount.add_months(DAY(given["date"]), given["months"]).isoformat()


def _demand(given: Inputs) -> Decimal:
    return interest.demand(_days(given["balances"]), DAY(given["last_day"]), _exact(given["rate"]), CNY)


def _time(given: Inputs) -> Decimal:
    principal, rate, start = _exact(given["principal"]), _exact(given["rate"]), DAY(given["start"])
    if given["method"] == "by_period":
        return rounded(interest.by_months(principal, rate, given["term_months"]), CNY)
    end = daycount.add_months(start, given["term_months"])
    return rounded(interest.by_days(principal, rate, start, end, given.get("basis", interest.YEAR)), CNY)


def _odd_days(given: Inputs) -> Decimal:
    start, end = DAY(given["start"]), DAY(given["end"])
    return rounded(interest.months_and_days(_exact(given["principal"]), _exact(given["rate"]), start, end), CNY)


def _withdrawn(given: Inputs) -> dict[str, Decimal]:
    principal = _exact(given["principal"])
    taken = _exact(given["amount"]) if given.get("amount") is not None else principal
    earned = interest.time_withdrawn(
        principal=taken,
        rate=_exact(given["rate"]),
        demand_rate=_exact(given["demand_rate"]),
        start=DAY(given["start"]),
        term_months=given["term_months"],
        on=DAY(given["withdraw"]),
        currency=CNY,
    )
    return {"interest": earned, "remaining_principal": principal - taken}


def _renewed(given: Inputs) -> dict[str, object]:
    balance, matures_on = interest.renewed(
        principal=_exact(given["principal"]),
        rates=[_exact(rate) for rate in given["rates"]],
        term_months=given["term_months"],
        start=DAY(given["start"]),
        currency=CNY,
    )
    return {"balance": balance, "maturity": matures_on.isoformat()}


def _notice(given: Inputs) -> Decimal:
    terms = interest.Notice(
        given["notice_days"],
        _exact(given["notice_rate"]),
        _exact(given["demand_rate"]),
        _exact(given["min_withdrawal"]),
    )
    return interest.notice(
        terms,
        start=DAY(given["start"]),
        given=DAY(given["notice_given"]) if given["notice_given"] else None,
        on=DAY(given["withdraw"]),
        amount=_exact(given["amount"]),
        agreed=_exact(given["agreed_amount"]),
        currency=CNY,
    )


def _optional_term(given: Inputs) -> Decimal:
    return interest.optional_term(
        principal=_exact(given["principal"]),
        listed={name: _exact(rate) for name, rate in given["rates"].items()},
        start=DAY(given["start"]),
        on=DAY(given["withdraw"]),
        currency=CNY,
        basis=given.get("basis", interest.YEAR),
    )


def _range_accrual(given: Inputs) -> Decimal:
    return interest.range_accrual(
        principal=_exact(given["principal"]),
        low=_exact(given["low"]),
        high=_exact(given["high"]),
        days_in_range=given["days_in_range"],
        days_observed=given["days_observed"],
        days=given["days"],
        currency=CNY,
        basis=given.get("basis", 365),
    )


def _buyer_yield(given: Inputs) -> Decimal:
    return interest.buyer_yield(
        price=_exact(given["price"]),
        maturity_value=_exact(given["maturity_value"]),
        days=given["days"],
        basis=given.get("basis", 365),
    )


def _ladder(given: Inputs) -> dict[str, Decimal]:
    spans = tuple((most, label) for label, most in given["buckets"] if most is not None)
    if tuple(most for most, _label in spans) != tuple(most for most, _key in book.BUCKETS):
        raise ValueError(given["buckets"])
    keys = [key for _most, key in book.BUCKETS] + [book.BEYOND]
    names = dict(zip(keys, (label for label, _most in given["buckets"]), strict=True))
    found = dict.fromkeys(names.values(), Decimal(0))
    for amount, day in given["deposits"]:
        found[names[book.bucket_of(DAY(day), DAY(given["as_of"]))]] += _exact(amount)
    return found


def _averages(given: Inputs) -> dict[str, Decimal]:
    terms = [ladder.Term(_exact(amount), DAY(day), _exact(rate)) for amount, day, rate in given["deposits"]]
    found = ladder.averages(terms, DAY(given["as_of"]))
    if found is None:
        raise ValueError(given["deposits"])
    return {"wam_days": found.days, "war": found.rate}


def _person(given: Inputs) -> dict[str, object]:
    found = identifiers.resident(given["id"])
    if found is None:
        raise ValueError(given["id"])
    return {"birth": found.born_on.isoformat(), "sex": found.sex, "age": found.age(DAY(given["as_of"]))}


def _iban(given: Inputs) -> bool:
    fits = "length" not in given or len(given["code"].replace(" ", "")) == given["length"]
    return fits and identifiers.is_iban(given["code"])


def _insured(given: Inputs) -> dict[str, Decimal]:
    rows = [
        insurance.Insured(
            one["bank"],
            _exact(one["balance"]) + _exact(one.get("interest", 0)),
            one.get("category", ""),
            one.get("owners", 1),
            one.get("eligible", True),
        )
        for one in given["accounts"]
    ]
    scheme = given["scheme"]
    found = insurance.cover(rows, Decimal(LIMITS[scheme]), by_category=scheme in CATEGORIES)
    return {"insured": found.insured, "uninsured": found.uninsured}


def _trust(given: Inputs) -> Decimal:
    limit = insurance.trust_limit(Decimal(LIMITS["US"]), given["owners"], given["beneficiaries"])
    return min(_exact(given["balance"]), limit)


def _banks(given: Inputs) -> int:
    return insurance.banks_needed(
        _exact(given["amount"]),
        _exact(given["limit"]),
        rate=_exact(given["rate"]),
        years=_exact(given["years"]),
    )


def _dietz(given: Inputs) -> float:
    flows = [(day, amount) for day, amount in given["flows"]]
    from_morning = given.get("start_of_day", False)
    return returns.modified_dietz(given["begin"], given["end"], given["days"], flows, start_of_day=from_morning)


def _excess(given: Inputs) -> dict[str, float]:
    return vars(returns.excess(given["portfolio"], given["benchmark"]))


def _drawdown(given: Inputs) -> dict[str, object]:
    found = risk.max_drawdown(given["nav"])
    return {"mdd": found.depth, "peak": found.peak, "trough": found.trough}


def _contributions(given: Inputs) -> dict[str, float]:
    return returns.contributions({name: (weight, earned) for name, (weight, earned) in given["positions"].items()})


def _fee(given: Inputs) -> Decimal:
    return costs.fee(_exact(given["value"]), _exact(given["rate"]), given["days"], given["basis"], CNY)


def _bond(given: Inputs) -> bonds.Bond:
    basis = BASES[given.get("basis", 1)]
    return bonds.Bond(DAY(given["maturity"]), given.get("coupon", 0.0), given["freq"], basis)


def _coupon_days(given: Inputs) -> dict[str, object]:
    part = bonds.coupon_days(_bond(given), DAY(given["settle"]))
    return {
        "pcd": part.previous.isoformat(),
        "ncd": part.next.isoformat(),
        "days_bs": part.elapsed,
        "days": part.period,
        "days_nc": part.left,
        "num": part.coupons,
    }


def _at_yield(rule: Callable[[bonds.Bond, dt.date, float], float]) -> Answer:
    return lambda given: rule(_bond(given), DAY(given["settle"]), given["yield"])


def _accrued(given: Inputs) -> Decimal:
    period = (DAY(given["prev"]), DAY(given["next"]))
    face, coupon = _exact(given["face"]), _exact(given["coupon"])
    return bonds.accrued(face, coupon, given["freq"], period, DAY(given["settle"]))


def _accrued_simple(given: Inputs) -> Decimal:
    return _exact(given["face"]) * _exact(given["rate"]) * _year_fraction(given)


ANSWERS: dict[tuple[str, str], Answer] = {
    ("day_count", "yearfrac"): _year_fraction,
    ("day_count", "days30360"): _thirty,
    ("day_count", "add_months"): _add_months,
    ("deposit_interest", "demand_product"): lambda given: interest.accumulated(
        _days(given["balances"]), DAY(given["last_day"])
    ),
    ("deposit_interest", "demand_interest"): _demand,
    ("deposit_interest", "time_deposit"): _time,
    ("deposit_interest", "period_plus_odd_days"): _odd_days,
    ("deposit_interest", "time_withdraw"): _withdrawn,
    ("deposit_interest", "auto_renew"): _renewed,
    ("deposit_interest", "notice_deposit"): _notice,
    ("deposit_interest", "call_or_time_60pct"): _optional_term,
    ("deposit_interest", "range_accrual"): _range_accrual,
    ("deposit_interest", "cd_transfer_yield"): _buyer_yield,
    ("deposit_interest", "next_settlement"): lambda given: interest.next_settlement(DAY(given["date"])).isoformat(),
    ("maturity_ladder", "maturity_ladder"): _ladder,
    ("maturity_ladder", "wam_war"): _averages,
    ("id_checksum", "ric_valid"): lambda given: identifiers.resident(given["id"]) is not None,
    ("id_checksum", "ric_check"): lambda given: identifiers.resident_check(given["first17"]),
    ("id_checksum", "ric_info"): _person,
    ("id_checksum", "uscc_valid"): lambda given: identifiers.is_company(given["code"]),
    ("id_checksum", "uscc_check"): lambda given: identifiers.company_check(given["first17"]),
    ("id_checksum", "iban_valid"): _iban,
    ("id_checksum", "isin_valid"): lambda given: identifiers.is_isin(given["code"]),
    ("id_checksum", "lei_valid"): lambda given: identifiers.is_lei(given["code"]),
    ("id_checksum", "luhn_valid"): lambda given: identifiers.is_card(given["code"]),
    ("rmb_uppercase", "rmb_upper"): lambda given: words.in_capitals(_exact(given["amount"])),
    ("rmb_uppercase", "date_upper"): lambda given: words.date_in_capitals(DAY(given["date"])),
    ("deposit_insurance", "insured"): _insured,
    ("deposit_insurance", "fdic_trust"): _trust,
    ("deposit_insurance", "split_plan"): _banks,
    ("irr_xirr", "irr"): lambda given: returns.irr(given["flows"]),
    ("irr_xirr", "xirr"): lambda given: returns.xirr(_flows(given["flows"])),
    ("irr_xirr", "npv"): lambda given: returns.npv(given["rate"], given["flows"]),
    ("irr_xirr", "xnpv"): lambda given: returns.xnpv(given["rate"], _flows(given["flows"])),
    ("irr_xirr", "mirr"): lambda given: returns.mirr(given["flows"], given["finance"], given["reinvest"]),
    ("twr", "twr"): lambda given: returns.time_weighted([(begin, end) for begin, end in given["subperiods"]]),
    ("twr", "link"): lambda given: returns.linked(given["returns"]),
    ("modified_dietz", "mod_dietz"): _dietz,
    ("annualisation", "annualise"): lambda given: returns.annualised(given["cum"], given["days"]),
    ("annualisation", "effective_rate"): lambda given: returns.effective(given["nominal"], given["m"]),
    ("annualisation", "excess"): _excess,
    ("drawdown", "max_drawdown"): _drawdown,
    ("sharpe_sortino", "stdev"): lambda given: risk.volatility(given["x"], 1),
    ("sharpe_sortino", "ann_vol"): lambda given: risk.volatility(given["x"], given["per_year"]),
    ("sharpe_sortino", "downside_dev"): lambda given: risk.downside(given["x"], given["target"]),
    ("sharpe_sortino", "sortino"): lambda given: risk.sortino(given["x"], given["target"]),
    ("sharpe_sortino", "sharpe"): lambda given: risk.sharpe(given["x"], given["rf"], given["per_year"]),
    ("sharpe_sortino", "tracking_error"): lambda given: risk.tracking_error(given["p"], given["b"], given["per_year"]),
    ("sharpe_sortino", "info_ratio"): lambda given: risk.information_ratio(given["p"], given["b"], given["per_year"]),
    ("sharpe_sortino", "beta"): lambda given: risk.beta(given["p"], given["b"]),
    ("bond", "coup_days"): _coupon_days,
    ("bond", "bond_price"): _at_yield(bonds.price),
    ("bond", "bond_yield"): lambda given: bonds.bond_yield(_bond(given), DAY(given["settle"]), given["price"]),
    ("bond", "macaulay"): _at_yield(bonds.macaulay),
    ("bond", "modified_duration"): _at_yield(bonds.modified),
    ("bond", "accrued"): _accrued,
    ("bond", "accrued_simple"): _accrued_simple,
    ("duration", "macaulay"): _at_yield(bonds.macaulay),
    ("duration", "modified_duration"): _at_yield(bonds.modified),
    ("duration", "convexity"): _at_yield(bonds.convexity),
    ("duration", "price_change"): lambda given: bonds.price_change(
        given["mod_duration"], given["convexity"], given["dy"]
    ),
    ("duration", "ladder_duration"): lambda given: bonds.weighted_duration(
        [(value, duration) for value, duration in given["positions"]]
    ),
    ("statement", "mgmt_fee"): _fee,
    ("statement", "net_return"): lambda given: returns.net(given["gross"], given["fee"]),
    ("statement", "weighted_cost"): lambda given: costs.average_cost(
        [(_exact(units), _exact(paid)) for units, paid in given["buys"]]
    ),
    ("statement", "contribution"): _contributions,
}
