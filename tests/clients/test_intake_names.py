"""Names are ordered and found by how they are read."""

import pytest

from clients.rules.intake import address_hint, email_hint, normal_email, normal_number, tail_hint
from clients.rules.names import search_words, sort_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("王芳", "wang fang"),
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liang yong"),
        ("尉迟恭", "yu chi gong"),
        ("司马 相如", "si ma xiang ru"),
        ("Łukasz O'Brien", "lukasz o'brien"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("陈𠮷", "chen 𠮷"),
    ],
)
def test_a_name_is_ordered_by_its_reading(name: str, expected: str) -> None:
    assert sort_name(name) == expected


def test_a_chinese_name_is_found_by_pinyin_and_initials() -> None:
    pinyin = {("pinyin", "shanxue"), ("pinyin", "shan xue"), ("initials", "sx")}
    assert search_words("单雪") == {("name", "单雪"), ("name", "雪"), *pinyin}


def test_a_chinese_name_is_found_from_each_of_its_characters() -> None:
    assert {word for kind, word in search_words("Li 若溪") if kind == "name"} == {"li 若溪", "若溪", "溪"}


def test_a_foreign_name_is_found_without_its_marks() -> None:
    assert search_words("Ánh") == {("name", "ánh"), ("name", "anh")}


def test_personal_values_are_compared_in_one_form() -> None:
    assert normal_email(" Ann@EXÄMPLE.com") == "ann@xn--exmple-cua.com"
    assert normal_number("e 123-456") == "E123456"


def test_hints_tell_no_more_than_a_tail() -> None:
    assert (email_hint("ann@example.com"), tail_hint("12"), tail_hint("123456"), address_hint("12 Long Street")) == (
        "a***@example.com",
        "••••",
        "•••• 3456",
        "12 l…",
    )
