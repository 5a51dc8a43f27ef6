from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.kernel.hash_chain import CHAIN_START, link, verify

Links = list[tuple[dict[str, Any], bytes]]


def _chain(records: list[dict[str, Any]]) -> Links:
    links: Links = []
    for record in records:
        links.append((record, link(links[-1][1] if links else b"", record)))
    return links


RECORDS = [{"seq": number, "opinion": "同意"} for number in range(1, 6)]


def test_a_whole_chain_holds() -> None:
    links = _chain(RECORDS)
    proof = verify(links, expected_head=links[-1][1])
    assert (proof.ok, proof.length, proof.head) == (True, 5, links[-1][1])


def test_the_order_of_keys_does_not_matter() -> None:
    assert link(b"", {"a": 1, "b": 2}) == link(CHAIN_START, {"b": 2, "a": 1})


@given(st.integers(0, 4), st.sampled_from(["change", "remove", "swap", "insert"]))
def test_the_first_broken_link_is_found(index: int, how: str) -> None:
    links = _chain(RECORDS)
    head = links[-1][1]
    if how == "change":
        links[index] = ({**links[index][0], "opinion": "不同意"}, links[index][1])
    elif how == "remove":
        del links[index]
    elif how == "swap":
        other = (index + 1) % 5
        links[index], links[other] = links[other], links[index]
        index = min(index, other)
    else:
        links.insert(index, links[index])
        index += 1
    assert verify(links, expected_head=head).broken_at == index


def test_a_chain_cut_short_is_broken_at_its_end() -> None:
    links = _chain(RECORDS)
    assert verify(links[:3], expected_head=links[-1][1]).broken_at == 3
    assert verify(links[:3]).ok


@pytest.mark.parametrize("head", [None, b"", CHAIN_START])
def test_an_empty_chain_holds(head: bytes | None) -> None:
    assert verify([], expected_head=head).ok
    assert not verify([], expected_head=link(b"", {})).ok
