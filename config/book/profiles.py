"""What the desk has learned of clients: how they like to be served, what nobody should raise, where they live."""

from random import Random

PREFERENCES = (
    ("Prefers a call after 16:00, never on Mondays.", "下午四点以后电话联系，周一不打扰。"),
    ("Wants figures first, then the explanation, on one page.", "先看数字再听说明，材料不超过一页。"),
    ("Meets at the office only; dislikes video calls.", "只在办公室面谈，不喜欢视频会议。"),
    ("Decides together with the spouse; invite both.", "与配偶共同决定，请同时邀约。"),
    ("Green tea, no sugar. Likes to hear about the garden first.", "喝绿茶不加糖，喜欢先聊聊园艺。"),
    ("Send documents two days ahead of a meeting.", "会面前两天发送材料。"),
    ("Keep maturities spread over the year; no large single dates.", "到期日分散安排，避免集中在同一天。"),
    ("Only deposits and government bonds for the household reserve.", "家庭备用金只做存款和国债。"),
    ("Travels from December to February; use e-mail then.", "十二月至二月外出，期间用邮件联系。"),
    ("Confirm every instruction by a second call to the assistant.", "每笔指令须再致电助理确认。"),
)
AVOID = (
    ("The sale of the family company.", "不提家族公司出售一事。"),
    ("The brother's business; there was a quarrel.", "不提其兄弟的生意，曾有争执。"),
    ("Losses of the 2021 property fund.", "不提2021年地产基金的亏损。"),
    ("Health of the mother.", "不提母亲的健康状况。"),
    ("Crypto-assets of any kind.", "不推荐任何虚拟资产。"),
    ("The former marriage.", "不提前段婚姻。"),
)
ROADS = ("海棠路", "银杏街", "望湖路", "松涛路", "丹桂大道", "云栖街")
CITIES = ("上海市浦东新区", "上海市静安区", "北京市朝阳区", "杭州市西湖区", "深圳市南山区", "苏州市工业园区")
LANES = ("Rosewood Lane", "Harbour View Road", "Orchard Crescent", "Lindenallee", "Maple Terrace")
PLACES = {"GB": "London", "US": "New York", "SG": "Singapore", "HK": "Hong Kong", "DE": "Hamburg"}


def preference(rng: Random, *, chinese: bool) -> str:
    """Draw how six of ten clients like to be served."""
    return rng.choice(PREFERENCES)[chinese] if rng.random() < 0.6 else ""


def avoid(rng: Random, *, chinese: bool) -> str:
    """Draw what one client in four does not want raised."""
    return rng.choice(AVOID)[chinese] if rng.random() < 0.25 else ""


def address(rng: Random, country: str) -> str:
    """Draw an address on a road that does not exist."""
    number, flat = rng.randrange(1, 400), rng.randrange(101, 2400)
    if country == "CN":
        return f"{rng.choice(CITIES)}{rng.choice(ROADS)}{number}号{flat}室"
    return f"{number} {rng.choice(LANES)}, {PLACES[country]}"
