from __future__ import annotations

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.kernel.masking import masked_identity, masked_name, masked_phone
from chengyun.kernel.text import query_terms, search_terms, term_keys

STORED = "解放路 118 号门前雨水箅子缺失，自行车道 LJ20261123-00418 Ｗａｔｅｒ Café"


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("雨水", True),
        ("水箅", True),
        ("解放路", True),
        ("路", True),
        ("解放路 箅子", True),
        ("118", True),
        ("00418", True),
        ("lj2026", True),
        ("LJ20261123-00418", True),
        ("water", True),
        ("cafe", True),
        ("水雨", False),
        ("解放 井盖", False),
        ("119", False),
        ("井", False),
    ],
)
def test_a_text_is_found_by_what_it_holds(question: str, *, found: bool) -> None:
    assert set(query_terms(question)).issubset(search_terms(STORED)) is found


@given(st.text(alphabet="市政管护中心路面塌陷雨水井盖", min_size=1, max_size=12), st.data())
def test_every_part_of_a_chinese_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert set(query_terms(text[start:end])) <= set(search_terms(text))


def test_nothing_to_ask() -> None:
    assert query_terms(" ，。!? ") == []
    assert search_terms("") == []


def test_terms_are_short_enough_to_store() -> None:
    assert max(len(term) for term in search_terms("a" * 500)) == 32
    assert query_terms("a" * 500) == ["a" * 32]


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812342207", "138****2207"),
        ("021-64370000", "021****0000"),
        ("6437000", "643****00"),
        ("12319", "*****"),
        ("", ""),
    ],
)
def test_masked_phone(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("王明", "王*"),
        ("王", "王"),
        ("欧阳小明", "欧**明"),
        ("John Smith", "J*** S***"),
        ("", ""),
    ],
)
def test_masked_name(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("110101199001011234", "110101********1234"), ("12345", "*****"), ("", "")],
)
def test_masked_identity(number: str, masked: str) -> None:
    assert masked_identity(number) == masked


def test_a_key_is_the_number_that_sql_makes_of_the_term() -> None:
    assert term_keys(["垃圾", "a", "垃圾"]) == sorted([_in_sql("垃圾"), _in_sql("a")])
    assert term_keys([]) == []


def _in_sql(term: str) -> int:
    value = int(md5(term.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    return value - 2**32 if value >= 2**31 else value
