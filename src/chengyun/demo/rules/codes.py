"""Codes of the fictional city, made by the public rules."""

from collections.abc import Sequence

from chengyun.administration.rules.credit_code import check_sign

PROVINCE, CITY = "99", "9901"
CITY_ZH, CITY_EN = "临江市", "Linjiang"
CASE_PREFIX = "LJ"

_BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def reading_order(places: Sequence[tuple[float, float]], band_m: float) -> list[int]:
    """Return positions in the order of codes: rows from north to south, each from west to east.

    band_m : height of a row; places within one row count as equally far north
    source : CJ/T 213 / GB/T 30428 as retold: west to east, then north to south
    """
    return sorted(
        range(len(places)), key=lambda i: (-round(places[i][1] / band_m), places[i][0], i)
    )


def organisation_body_code(number: int) -> str:
    """Return a 9-character organisation code with its check character.

    source : GB 11714 (mod 11); the eight digits are made up
    """
    body = f"{number:08d}"
    total = sum(
        _BODY_ALPHABET.index(character) * weight
        for character, weight in zip(body, _BODY_WEIGHTS, strict=True)
    )
    check = (11 - total % 11) % 11
    return body + "0123456789X"[check]


def credit_code(number: int, *, enterprise: bool) -> str:
    """Return an 18-character unified social credit code of an organisation that does not exist.

    The registering division 990100 is not in GB/T 2260, so no real organisation has such a code.
    source : GB 32100 (mod 31)
    """
    body = ("91" if enterprise else "11") + "990100" + organisation_body_code(number)
    return body + check_sign(body)
