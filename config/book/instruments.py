# ruff: noqa: E501  (a table of products reads by its columns)
"""Invented banks, issuers and products of the book. None of them exists; licence codes begin with ``X``."""

from dataclasses import dataclass

from portfolios.feeds.rows import InstitutionRow


def _bank(reference: str, name: str, name_zh: str, licence: str, country: str) -> InstitutionRow:
    return InstitutionRow(reference, name, name_zh, licence, country, "yes")


def _issuer(reference: str, name: str, name_zh: str, country: str) -> InstitutionRow:
    return InstitutionRow(reference, name, name_zh, f"X-ISS-{reference}", country, "no")


BANKS = (
    _bank("HAIYUE", "Haiyue Bank", "海岳银行", "XB0101H131", "CN"),
    _bank("CHENGJIANG", "Chengjiang Commercial Bank", "澄江商业银行", "XB0204H231", "CN"),
    _bank("YUNFENG", "Yunfeng Bank", "云峰银行", "XB0317H333", "CN"),
    _bank("RUIHE", "Ruihe Rural Commercial Bank", "瑞禾农村商业银行", "XB0422H432", "CN"),
    _bank("NANPU", "Nanpu Bank", "南浦银行", "XB0508H544", "CN"),
    _bank("BEICHEN", "Beichen Trust and Savings", "北辰信托储蓄银行", "XB0611H111", "CN"),
    _bank("HARBOURGATE", "Harbourgate Bank", "港门银行", "XHK-L0907", "HK"),
    _bank("LIONROCK", "Lion Hill Savings Bank", "狮岭储蓄银行", "XHK-L0951", "HK"),
    _bank("STRAITS", "Merlin Straits Bank", "美峡银行", "XSG-F0330", "SG"),
    _bank("EICHENTHAL", "Bankhaus Eichenthal", "艾兴塔尔银行", "XDE-118204", "DE"),
)
HOME_BANK = "HAIYUE"
CNY_BANKS = ("HAIYUE", "CHENGJIANG", "YUNFENG", "RUIHE", "NANPU", "BEICHEN")
FOREIGN_BANKS = {
    "USD": ("HAIYUE", "STRAITS", "HARBOURGATE"),
    "HKD": ("HARBOURGATE", "LIONROCK"),
    "EUR": ("EICHENTHAL", "HAIYUE"),
}
ISSUERS = (
    _issuer("MOF-X", "Treasury of the Eastern Provinces", "东部财政", "CN"),
    _issuer("LANHAI", "Lanhai Asset Management", "蓝海基金管理", "CN"),
    _issuer("QIHANG", "Qihang Fund Management", "启航基金管理", "CN"),
    _issuer("MINGDE", "Mingde Life Insurance", "明德人寿保险", "CN"),
    _issuer("XINGHE", "Xinghe Semiconductor", "星河半导体", "CN"),
    _issuer("LUYUAN", "Luyuan New Energy", "绿源新能源", "CN"),
    _issuer("GUOTAI-R", "Pingchuan Railways", "平川铁路", "CN"),
    _issuer("JINGHUA", "Jinghua Liquor", "京华酒业", "CN"),
    _issuer("NORTHLIGHT", "Northlight Technologies", "北光科技", "US"),
    _issuer("ATLANTICA", "Atlantica Funds", "大西洋基金", "IE"),
    _issuer("PEAKTRAM", "Peakview Properties", "峰景地产", "HK"),
    _issuer("RHEINWERK", "Rheinwerk Industrie", "莱茵工业", "DE"),
)


@dataclass(frozen=True, slots=True)
class Product:
    """An instrument with the habits of its price: where it begins, how it drifts and sways in a year."""

    reference: str
    name: str
    name_zh: str
    asset_class: str
    currency: str
    issuer: str
    country: str
    sector: str
    risk: int
    price: float
    drift: float
    sway: float
    multiplier: str = "1"


STAR = "EQ-XINGHE"
"""The high-risk share in which one client has most of the wealth."""

PRODUCTS = tuple(
    Product(*row)
    for row in (
        ("BD-EAST-27", "Eastern Provinces 2.60% 2027", "东部财政债 2027", "bond", "CNY", "MOF-X", "CN", "Government", 1, 100.4, 0.004, 0.010),
        ("BD-EAST-30", "Eastern Provinces 2.85% 2030", "东部财政债 2030", "bond", "CNY", "MOF-X", "CN", "Government", 1, 101.2, 0.006, 0.018),
        ("BD-EAST-33", "Eastern Provinces 3.05% 2033", "东部财政债 2033", "bond", "CNY", "MOF-X", "CN", "Government", 2, 102.0, 0.008, 0.030),
        ("BD-RAIL-28", "Pingchuan Railways 3.10% 2028", "平川铁路债 2028", "bond", "CNY", "GUOTAI-R", "CN", "Transport", 2, 100.9, 0.003, 0.016),
        ("BD-RAIL-31", "Pingchuan Railways 3.35% 2031", "平川铁路债 2031", "bond", "CNY", "GUOTAI-R", "CN", "Transport", 2, 101.5, 0.004, 0.024),
        ("BD-LUYUAN-28", "Luyuan New Energy 4.20% 2028", "绿源新能源债 2028", "bond", "CNY", "LUYUAN", "CN", "Utilities", 3, 98.7, 0.002, 0.045),
        ("BD-PEAK-29", "Peakview Properties 5.75% 2029", "峰景地产债 2029", "bond", "USD", "PEAKTRAM", "HK", "Real estate", 4, 92.3, -0.010, 0.110),
        ("BD-NORTH-30", "Northlight Technologies 4.40% 2030", "北光科技债 2030", "bond", "USD", "NORTHLIGHT", "US", "Technology", 2, 98.2, 0.010, 0.045),
        ("BD-RHEIN-29", "Rheinwerk 3.25% 2029", "莱茵工业债 2029", "bond", "EUR", "RHEINWERK", "DE", "Industry", 2, 97.6, 0.008, 0.035),
        ("BD-HARB-28", "Harbourgate Bank 4.10% 2028", "港门银行债 2028", "bond", "HKD", "HARBOURGATE", "HK", "Banks", 2, 99.1, 0.005, 0.030),
        ("FD-LH-CASH", "Lanhai Cash Management", "蓝海现金管理", "fund", "CNY", "LANHAI", "CN", "Money market", 1, 1.012, 0.019, 0.001),
        ("FD-LH-BOND", "Lanhai Steady Bond A", "蓝海稳健债券A", "fund", "CNY", "LANHAI", "CN", "Fixed income", 2, 1.148, 0.032, 0.018),
        ("FD-LH-BAL", "Lanhai Balanced Growth", "蓝海平衡成长", "fund", "CNY", "LANHAI", "CN", "Mixed", 3, 1.386, 0.040, 0.110),
        ("FD-LH-HEALTH", "Lanhai Healthcare Select", "蓝海医疗精选", "fund", "CNY", "LANHAI", "CN", "Health care", 4, 2.214, 0.030, 0.210),
        ("FD-QH-300", "Qihang Large Cap Index", "启航大盘指数", "fund", "CNY", "QIHANG", "CN", "Equity", 3, 1.672, 0.045, 0.170),
        ("FD-QH-TECH", "Qihang Technology Leaders", "启航科技龙头", "fund", "CNY", "QIHANG", "CN", "Technology", 4, 1.935, 0.060, 0.250),
        ("FD-QH-SHORT", "Qihang Short Bond", "启航短债", "fund", "CNY", "QIHANG", "CN", "Fixed income", 2, 1.064, 0.026, 0.006),
        ("FD-QH-GOLD", "Qihang Gold Link", "启航黄金联接", "fund", "CNY", "QIHANG", "CN", "Gold", 3, 1.810, 0.110, 0.140),
        ("FD-AT-GLOBAL", "Atlantica Global Equity", "大西洋全球股票", "fund", "USD", "ATLANTICA", "IE", "Equity", 4, 41.20, 0.080, 0.150),
        ("FD-AT-USTM", "Atlantica US Treasury Money", "大西洋美元货币", "fund", "USD", "ATLANTICA", "IE", "Money market", 1, 104.60, 0.042, 0.002),
        ("FD-AT-INCOME", "Atlantica Global Income", "大西洋全球收益", "fund", "USD", "ATLANTICA", "IE", "Fixed income", 2, 18.35, 0.038, 0.050),
        ("FD-AT-ASIA", "Atlantica Asia ex Japan", "大西洋亚洲", "fund", "HKD", "ATLANTICA", "IE", "Equity", 4, 126.80, 0.050, 0.190),
        ("FD-AT-EURO", "Atlantica Euro Corporate", "大西洋欧元企业债", "fund", "EUR", "ATLANTICA", "IE", "Fixed income", 2, 12.74, 0.030, 0.040),
        ("FD-AT-EUEQ", "Atlantica Europe Dividend", "大西洋欧洲红利", "fund", "EUR", "ATLANTICA", "IE", "Equity", 3, 23.90, 0.060, 0.140),
        (STAR, "Xinghe Semiconductor", "星河半导体", "equity", "CNY", "XINGHE", "CN", "Technology", 5, 86.40, 0.170, 0.330),
        ("EQ-LUYUAN", "Luyuan New Energy", "绿源新能源", "equity", "CNY", "LUYUAN", "CN", "Utilities", 5, 42.75, 0.020, 0.360),
        ("EQ-JINGHUA", "Jinghua Liquor", "京华酒业", "equity", "CNY", "JINGHUA", "CN", "Consumer", 4, 168.20, 0.010, 0.240),
        ("EQ-RAIL", "Pingchuan Railways", "平川铁路", "equity", "CNY", "GUOTAI-R", "CN", "Transport", 3, 6.84, 0.030, 0.160),
        ("EQ-HAIYUE", "Haiyue Bank", "海岳银行", "equity", "CNY", "HAIYUE", "CN", "Banks", 3, 9.36, 0.050, 0.170),
        ("EQ-PEAK", "Peakview Properties", "峰景地产", "equity", "HKD", "PEAKTRAM", "HK", "Real estate", 5, 7.52, -0.090, 0.380),
        ("EQ-HARB", "Harbourgate Bank", "港门银行", "equity", "HKD", "HARBOURGATE", "HK", "Banks", 3, 58.30, 0.070, 0.180),
        ("EQ-NORTH", "Northlight Technologies", "北光科技", "equity", "USD", "NORTHLIGHT", "US", "Technology", 4, 212.60, 0.120, 0.280),
        ("EQ-RHEIN", "Rheinwerk Industrie", "莱茵工业", "equity", "EUR", "RHEINWERK", "DE", "Industry", 4, 64.10, 0.040, 0.230),
        ("IN-MD-ANN", "Mingde Evergreen Annuity", "明德常青年金", "insurance", "CNY", "MINGDE", "CN", "Annuity", 1, 1000.0, 0.028, 0.001),
        ("IN-MD-WHOLE", "Mingde Whole Life Increasing", "明德增额终身寿", "insurance", "CNY", "MINGDE", "CN", "Whole life", 1, 1000.0, 0.030, 0.001),
        ("IN-MD-UNIT", "Mingde Unit-Linked Growth", "明德投连成长", "insurance", "CNY", "MINGDE", "CN", "Unit-linked", 4, 1.420, 0.040, 0.160),
        ("IN-MD-EDU", "Mingde Education Endowment", "明德教育金", "insurance", "CNY", "MINGDE", "CN", "Endowment", 1, 1000.0, 0.026, 0.001),
        ("IN-MD-USD", "Mingde Global Saver USD", "明德环球储蓄美元", "insurance", "USD", "MINGDE", "HK", "Savings", 2, 100.0, 0.038, 0.004),
        ("IN-MD-HKD", "Mingde Heritage Plan HKD", "明德传承计划港元", "insurance", "HKD", "MINGDE", "HK", "Savings", 2, 100.0, 0.034, 0.004),
        ("OT-LH-REIT", "Lanhai Logistics Real Estate Trust", "蓝海物流不动产", "other", "CNY", "LANHAI", "CN", "Real estate", 3, 3.560, 0.020, 0.130),
    )
)  # fmt: skip

EXTRAS = tuple(
    Product(*row)
    for row in (
        ("RE-HARBOUR", "Harbour Terrace, residence", "临港豪庭住宅", "real_estate", "CNY", "", "CN", "Real estate", 3, 61800.0, 0.012, 0.030),
        ("SP-HY-RANGE", "Haiyue Range Note 2027", "海岳区间票据 2027", "structured_product", "CNY", "HAIYUE", "CN", "Structured", 3, 100.0, 0.028, 0.040),
        ("OP-E300-P", "Eastern 300 Put 3,600 Jun 2027", "东部300认沽 3600 2027年6月", "option", "CNY", "", "CN", "Equity", 5, 148.0, -0.35, 0.500, "100"),
        ("FU-E300", "Eastern 300 Future Mar 2027", "东部300股指期货 2027年3月", "future", "CNY", "", "CN", "Equity", 5, 3870.0, 0.040, 0.180, "300"),
    )
)  # fmt: skip
"""What the wealthiest hold besides: nobody draws them, and the residence is appraised twice a year."""
APPRAISED = "RE-HARBOUR"

INDICES = tuple(
    Product(*row)
    for row in (
        ("IX-EAST-300", "Eastern 300 Index", "东部300指数", "index", "CNY", "", "CN", "Equity", 3, 3850.0, 0.045, 0.180),
        ("IX-EAST-BOND", "Eastern Treasury Total Return Index", "东部国债全收益指数", "index", "CNY", "", "CN", "Government", 1, 212.5, 0.030, 0.015),
        ("IX-WORLD", "World Equity Index", "环球股票指数", "index", "USD", "", "US", "Equity", 3, 3120.0, 0.080, 0.150),
    )
)  # fmt: skip
"""What performance is measured against. Their levels come as prices; nobody holds them."""
