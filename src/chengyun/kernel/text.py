"""Search terms of Chinese and Latin text: two-character terms for Chinese, words for the rest.

Columns hold the terms' keys (`term_keys`), which are a third as long and compared at once.

Stored terms (`search_terms`) and asked ones (`query_terms`) fit together so that "every asked term
is among the stored ones" finds each text holding the question's words. No dictionary is needed, and
names of streets that no dictionary knows are found all the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import md5

MAX_TERM = 32
# Longer runs are sentences: they hardly come again, and would fill memory.
_KEPT_LENGTH = 8
# Texts of these signs alone have no accents and nothing full-width.
_PLAIN = re.compile(r"[ -~一-鿿]*")
_RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]+|[0-9a-z]+")


def normal(text: str) -> str:
    """Return the text as it is compared: full-width signs narrow, lower case, no accents."""
    if text.isascii() or _PLAIN.fullmatch(text):
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def search_terms(text: str) -> list[str]:
    """Return the terms to store for a text, sorted, each once.

    Of a Chinese run every pair of neighbours and every single character; of a Latin word or a
    number the whole and its beginnings from three characters on.
    """
    terms: set[str] = set()
    for run in _RUNS.findall(normal(text)):
        terms.update(_kept_terms(run) if len(run) <= _KEPT_LENGTH else _terms_of(run))
    return sorted(terms)


def _terms_of(run: str) -> list[str]:
    if run[0].isascii():
        word = run[:MAX_TERM]
        return [*(word[:length] for length in range(3, len(word))), word]
    return [*run, *_pairs(run)]


@lru_cache(maxsize=50_000)
def _kept_terms(run: str) -> tuple[str, ...]:
    """Return the terms of a short run: names of streets, numbers and signs come again and again."""
    return tuple(_terms_of(run))


def term_keys(terms: Iterable[str]) -> list[int]:
    """Return a number of 32 bits with a sign for each term, ascending, each once.

    Two terms have one key by chance once in four thousand million pairs: a text then is found that
    does not hold the word. In SQL: `('x' || left(md5(term), 8))::bit(32)::int`.
    """
    return sorted({_key(term) for term in terms})


@lru_cache(maxsize=20_000)
def _key(term: str) -> int:
    digest = md5(term.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], signed=True)


def query_terms(text: str) -> list[str]:
    """Return the terms that a text must all hold to be found, sorted; empty = nothing to ask.

    Of a Chinese run its pairs (a lone character as it is); of a Latin word or a number the whole.
    """
    terms: set[str] = set()
    for run in _RUNS.findall(normal(text)):
        if run[0].isascii():
            terms.add(run[:MAX_TERM])
        else:
            terms.update(_pairs(run) or [run])
    return sorted(terms)


def _pairs(run: str) -> list[str]:
    return [run[index : index + 2] for index in range(len(run) - 1)]
