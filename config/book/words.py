"""What a bank writes beside a movement, in English and Chinese."""

TEXTS = {
    "opening": ("Transfer from own account elsewhere", "本人他行账户转入"),
    "salary": ("Salary", "工资"),
    "dividend": ("Dividend from own company", "自有企业分红"),
    "rent": ("Rent received", "租金收入"),
    "receipts": ("Customer receipts", "货款收入"),
    "distribution": ("Distribution from trust assets", "信托财产分配"),
    "proceeds": ("Sale of a property", "房产出售款"),
    "surplus": ("Extra dividend from own company", "自有企业特别分红"),
    "living": ("Card payments of the month", "当月信用卡还款"),
    "household": ("Household transfer", "家用转账"),
    "insurance": ("Insurance premium", "保险费"),
    "tax": ("Tax payment", "税款"),
    "payroll": ("Payroll and suppliers", "工资及货款支出"),
    "trustee": ("Trustee's fee", "受托人报酬"),
    "beneficiary": ("Payment to beneficiaries", "受益人分配"),
    "custody": ("Custody fee of the half-year", "半年托管费"),
    "tuition": ("Tuition and boarding", "学费及住宿费"),
    "interest": ("Interest on the account", "活期结息"),
    "exchange_out": ("Currency exchange, sold", "结售汇-售出"),
    "exchange_in": ("Currency exchange, bought", "结售汇-购入"),
    "placed": ("Deposit {0} placed, {1}", "存入存款 {0}，{1}"),
    "renewed": ("Renewal into {0}", "到期转存至 {0}"),
    "repaid": ("Deposit {0} repaid", "存款 {0} 到期兑付"),
    "deposit_interest": ("Interest of deposit {0}", "存款 {0} 利息"),
    "coupon": ("Coupon of {0}", "{0} 付息"),
    "shares": ("Dividend of {0}", "{0} 股息"),
    "bought": ("Purchase {0} × {1}", "买入 {1} × {0}"),
    "sold": ("Sale {0} × {1}", "卖出 {1} × {0}"),
}
COUNTERPARTIES = {
    "salary": (("Kestrel Instruments Limited", "云澜智能装备有限公司"), ("Wrenfield Consulting", "启衡咨询有限公司")),
    "dividend": (
        ("Marlowe Holdings Limited", "瑞禾供应链有限公司"),
        ("Calloway Ventures Limited", "明岳新材料有限公司"),
    ),
    "rent": (("Tenant, Rosewood Lane", "海棠路租户"),),
    "receipts": (("Dunmore Trading Limited", "恒泽贸易有限公司"), ("Silverbeck Shipping", "远麓物流有限公司")),
    "distribution": (("Trust assets", "信托财产专户"),),
    "proceeds": (("Escrow of the buyer", "房产交易资金监管户"),),
    "surplus": (("Marlowe Holdings Limited", "瑞禾供应链有限公司"),),
    "tax": (("Tax office", "税务局"),),
    "insurance": (("Mingde Life Insurance", "明德人寿保险"),),
    "tuition": (("Westmere University", "Westmere University"),),
}
"""Who is on the other side, English and Chinese, invented."""
KINDS = {
    "time": ("time deposit", "定期存款"),
    "demand": ("demand deposit", "活期存款"),
    "notice": ("notice deposit", "通知存款"),
}
KINDS |= {"large_cd": ("large-denomination CD", "大额存单"), "structured": ("structured deposit", "结构性存款")}


def text(key: str, *values: object, chinese: bool) -> str:
    """Return the words of a movement in the client's language."""
    return TEXTS[key][chinese].format(*values)


def counterparty(key: str, place: int, *, chinese: bool) -> str:
    """Return who is on the other side; one client always deals with the same."""
    known = COUNTERPARTIES.get(key)
    return known[place % len(known)][chinese] if known else ""


def kind(name: str, *, chinese: bool) -> str:
    """Return what the kind of a deposit is called."""
    return KINDS[name][chinese]
