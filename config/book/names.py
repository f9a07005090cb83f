# ruff: noqa: E501  (a column of Chinese is wider than its letters)
"""Names that people, companies and trusts of such a desk have: Chinese by the real frequency of surnames, and foreign."""

from dataclasses import dataclass
from random import Random

from clients.rules.names import syllables

SURNAMES = {
    "王": 715, "李": 700, "张": 670, "刘": 538, "陈": 530, "杨": 308, "黄": 260, "赵": 220, "吴": 215, "周": 212, "徐": 160,
    "孙": 150, "马": 140, "朱": 139, "胡": 130, "郭": 128, "何": 120, "林": 118, "罗": 108, "高": 105, "郑": 100, "梁": 90,
    "谢": 83, "宋": 80, "唐": 78, "许": 73, "韩": 70, "冯": 68, "邓": 66, "曹": 62, "彭": 60, "曾": 58, "肖": 55, "田": 53,
    "董": 52, "潘": 51, "袁": 50, "蔡": 49, "蒋": 48, "余": 47, "于": 46, "杜": 45, "叶": 44, "程": 43, "魏": 43, "苏": 42,
    "吕": 41, "丁": 41, "任": 40, "沈": 39, "姚": 38, "卢": 37, "傅": 33, "钟": 33, "姜": 32, "崔": 31, "谭": 30, "廖": 29,
    "欧阳": 9, "解": 8, "查": 7, "单": 7, "仇": 6, "区": 5, "诸葛": 4, "上官": 4, "尉迟": 3,
}  # fmt: skip
MEN = [
    "建国",
    "志强",
    "文博",
    "浩然",
    "子轩",
    "俊杰",
    "伟",
    "明远",
    "国栋",
    "嘉豪",
    "天佑",
    "永康",
    "立新",
    "思远",
    "鹏飞",
    "景行",
    "承志",
    "晓东",
    "泽宇",
    "家辉",
    "振华",
    "海涛",
    "一鸣",
    "启明",
    "宏毅",
    "德昌",
    "斌",
    "铭",
    "锐",
    "书恒",
]
WOMEN = [
    "秀英",
    "雅琴",
    "梓涵",
    "雨桐",
    "欣怡",
    "思琪",
    "静怡",
    "若兰",
    "佳慧",
    "美玲",
    "婉清",
    "诗涵",
    "丽华",
    "晓燕",
    "慧敏",
    "芷若",
    "淑芬",
    "玉兰",
    "嘉怡",
    "心悦",
    "敏",
    "洁",
    "琳",
    "颖",
    "倩",
    "念慈",
    "书瑶",
    "令仪",
    "沛珊",
    "清如",
]
ALIASES_MEN = ["Kevin", "Jason", "Eric", "Leo", "Victor", "Daniel", "Raymond", "Alan", "Felix", "Henry"]
ALIASES_WOMEN = ["Vivian", "Grace", "Amy", "Sophie", "Iris", "Fiona", "Cecilia", "Rachel", "Wendy", "Joyce"]
FOREIGN_MEN = [
    "James Whitcombe",
    "Lukas Grünewald",
    "Mateus Gonçalves",
    "Søren Kjærgaard",
    "Arjun Mehta",
    "Étienne Lefèvre",
    "Piotr Wiśniewski",
    "Rafael Ibáñez",
    "Tan Wei Jian",
    "Park Min-jun",
    "Oluwaseun Adeyemi",
    "Nikolaos Papadakis",
    "Hiroshi Tanabe",
    "Trần Quốc Bảo",
    "Ahmad Faizal",
    "Giovanni D'Angelo",
    "Björn Sjöström",
    "Rhys ap Gwilym",
    "Andrés Núñez",
    "William Harcourt-Blythe",
]
FOREIGN_WOMEN = [
    "Charlotte Ashworth",
    "Zoë van der Meer",
    "Anneliese Schäfer",
    "Siobhán Ní Dhomhnaill",
    "Lim Siew Ling",
    "Yoon Seo-yeon",
    "Amélie Dubois",
    "Katarzyna Żukowska",
    "Isabel Fernández",
    "Ayşe Yıldırım",
    "Ingrid Hallström",
    "Mónica Peña",
    "Phạm Thu Hà",
    "Chiara Bellandi",
    "Aiko Morikawa",
    "Nadia Haddad",
    "Ružica Kovačić",
    "Freya Lindqvist",
    "Beatriz Araújo",
    "Eleanor Pembroke",
]
PLACES = (
    "海岚",
    "云澜",
    "瑞禾",
    "启衡",
    "明岳",
    "沐辰",
    "恒泽",
    "东篱",
    "清源",
    "致和",
    "博川",
    "远麓",
    "广陵",
    "星垣",
    "安澜",
)
TRADES = (
    ("精密机械", "Precision Machinery"),
    ("新材料", "Advanced Materials"),
    ("生物科技", "Biotech"),
    ("供应链管理", "Supply Chain"),
    ("智能装备", "Intelligent Equipment"),
    ("纺织", "Textiles"),
    ("食品", "Foods"),
    ("文化传媒", "Culture and Media"),
    ("能源科技", "Energy Technology"),
    ("医疗器械", "Medical Devices"),
)
CITIES = (
    ("上海", "Shanghai"),
    ("杭州", "Hangzhou"),
    ("深圳", "Shenzhen"),
    ("苏州", "Suzhou"),
    ("成都", "Chengdu"),
    ("青岛", "Qingdao"),
)
HOUSES = [
    "Ashgrove",
    "Marlowe",
    "Kestrel",
    "Dunmore",
    "Silverbeck",
    "Hartwell",
    "Wrenfield",
    "Calloway",
    "Thornbury",
    "Lindenhall",
]
FOREIGN_TRADES = ("Trading", "Shipping", "Capital", "Holdings", "Ventures", "Instruments")


@dataclass(frozen=True, slots=True)
class Named:
    """A name with what hangs on it: language of the bearer, surname, gender (``m``, ``w``, empty), a second name."""

    name: str
    chinese: bool
    surname: str
    gender: str = ""
    alias: str = ""


FIXED = {
    5: Named("陈𠮷", chinese=True, surname="陈", gender="m"),
    6: Named("Seán O'Brien-Łukasz", chinese=False, surname="O'Brien-Łukasz", gender="m"),
    7: Named("Nguyễn Thị Ánh", chinese=False, surname="Nguyễn", gender="w"),
    8: Named("单雨桐", chinese=True, surname="单", gender="w"),
    9: Named("仇文博", chinese=True, surname="仇", gender="m"),
    10: Named("尉迟令仪", chinese=True, surname="尉迟", gender="w"),
}
"""Names that software gets wrong, in every book: a character of four bytes, rare surnames, marks and apostrophes."""


def surname(rng: Random) -> str:
    """Draw a Chinese surname by its frequency."""
    return rng.choices(list(SURNAMES), list(SURNAMES.values()))[0]


def chinese_person(rng: Random, *, family: str = "", gender: str = "") -> Named:
    """Draw a Chinese person, of a family or gender when given."""
    family, gender = family or surname(rng), gender or rng.choice("mw")
    given = rng.choice(MEN if gender == "m" else WOMEN)
    alias = rng.choice(ALIASES_MEN if gender == "m" else ALIASES_WOMEN) if rng.random() < 0.25 else ""
    return Named(family + given, chinese=True, surname=family, gender=gender, alias=alias)


def foreign_person(rng: Random) -> Named:
    """Draw a person from abroad."""
    gender = rng.choice("mw")
    name = rng.choice(FOREIGN_MEN if gender == "m" else FOREIGN_WOMEN)
    return Named(name, chinese=False, surname=name.split(" ", 1)[1], gender=gender)


def person(rng: Random) -> Named:
    """Draw a person; four of five are Chinese."""
    return chinese_person(rng) if rng.random() < 0.8 else foreign_person(rng)


def company(rng: Random) -> Named:
    """Draw a company; three of four are Chinese, with an English name beside."""
    if rng.random() < 0.25:
        name = f"{rng.choice(HOUSES)} {rng.choice(FOREIGN_TRADES)} Limited"
        return Named(name, chinese=False, surname=name.split(maxsplit=1)[0])
    place, (trade, english), (city, _) = rng.choice(PLACES), rng.choice(TRADES), rng.choice(CITIES)
    return Named(f"{city}{place}{trade}有限公司", chinese=True, surname=place, alias=f"{_latin(place)} {english}")


def trust(rng: Random, founder: Named | None = None) -> Named:
    """Draw a trust, of a founder's family when given."""
    if founder is None:
        founder = chinese_person(rng) if rng.random() < 0.6 else Named("", chinese=False, surname=rng.choice(HOUSES))
    if founder.chinese:
        return Named(f"{founder.surname}氏家族信托", chinese=True, surname=founder.surname)
    return Named(f"The {founder.surname} Family Trust", chinese=False, surname=founder.surname)


def household(head: Named) -> str:
    """Return what a family is called at the desk."""
    return f"{head.surname}家" if head.chinese else f"{head.surname} family"


def _latin(han: str) -> str:
    return "".join(syllables(han)).title()
