"""Names in the forms by which people look for them: pinyin, initials, letters without marks."""

import unicodedata

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "曾": "zeng", "区": "ou", "任": "ren", "朴": "piao",
    "盖": "ge", "华": "hua", "翟": "zhai", "乐": "yue", "员": "yun", "覃": "qin", "冼": "xian", "缪": "miao",
    "繁": "po", "折": "she", "黑": "he", "洗": "xian", "召": "shao", "能": "nai", "秘": "bi", "万俟": "mo qi",
    "尉迟": "yu chi", "长孙": "zhang sun", "宿": "su", "句": "gou", "阚": "kan", "种": "chong", "晟": "cheng",
    "重": "chong", "燕": "yan", "应": "ying", "令狐": "ling hu", "欧阳": "ou yang", "司马": "si ma",
    "上官": "shang guan", "诸葛": "zhu ge", "夏侯": "xia hou", "皇甫": "huang fu", "澹台": "tan tai",
    "单于": "chan yu", "宇文": "yu wen", "鲜于": "xian yu", "闾丘": "lü qiu", "慕容": "mu rong",
    "钟离": "zhong li",
}  # fmt: skip
"""Readings of a name's first characters as a surname, where a dictionary gives another one."""

PLAIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ü": "v"})
KEY_MOST = 400


def is_han(text: str) -> bool:
    """Say whether a name has a Chinese character in it."""
    return any("\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff" for letter in text)


def plain(text: str) -> str:
    """Return Latin letters without their marks, in lower case: ``Nguyễn`` becomes ``nguyen``."""
    split = unicodedata.normalize("NFKD", text.lower().translate({ord("ü"): "u"}))
    return "".join(letter for letter in split if not unicodedata.combining(letter)).translate(PLAIN)


def syllables(name: str) -> list[str]:
    """Return a Chinese name in pinyin, its surname read as a surname; words of other scripts stay whole."""
    surname = next((start for start in (name[:2], name[:1]) if start in SURNAMES), "")
    read = SURNAMES[surname].split() if surname else []
    rest = lazy_pinyin(name[len(surname) :], style=Style.NORMAL, v_to_u=False)
    return [word for part in [*read, *rest] for word in plain(part).split()]


def sort_name(name: str) -> str:
    """Return the key that puts names of all scripts into one order."""
    return (" ".join(syllables(name)) if is_han(name) else plain(name))[:KEY_MOST]


def search_words(name: str) -> set[tuple[str, str]]:
    """Return (kind, word) pairs by which a name is found: itself, without marks, in pinyin with and without blanks.

    A name with Chinese characters is also found from each of them on, so that one or two need only be a beginning.
    """
    words = {("name", name.lower()), ("name", plain(name))}
    if is_han(name):
        read = syllables(name)
        words |= {("name", name[start:].lower()) for start, letter in enumerate(name) if is_han(letter)}
        words |= {
            ("pinyin", "".join(read)),
            ("pinyin", " ".join(read)),
            ("initials", "".join(word[0] for word in read)),
        }
    return {(kind, word[:KEY_MOST]) for kind, word in words if word}
