"""Search terms of Chinese and Latin text: two-character terms for Chinese, words for the rest.

Stored terms (`search_terms`) and asked ones (`query_terms`) fit together so that "every asked term
is among the stored ones" finds each text holding the question's words. No dictionary is needed, and
names of streets that no dictionary knows are found all the same.
"""

from __future__ import annotations

import re
import unicodedata

MAX_TERM = 32
_RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]+|[0-9a-z]+")


def normal(text: str) -> str:
    """Return the text as it is compared: full-width signs narrow, lower case, no accents."""
    if text.isascii():
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
        if run[0].isascii():
            word = run[:MAX_TERM]
            terms.update(word[:length] for length in range(3, len(word)))
            terms.add(word)
        else:
            terms.update(run)
            terms.update(_pairs(run))
    return sorted(terms)


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
