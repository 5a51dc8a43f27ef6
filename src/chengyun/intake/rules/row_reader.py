"""Rows of text turned into fields, by a mapping."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from chengyun.intake.rules.mapping import FieldSource, Mapping
from chengyun.intake.rules.mapping_faults import ValueMissing, ValueUnknown, ValueUnreadable
from chengyun.intake.rules.patterns import compiled
from chengyun.kernel.cells import with_formula

_LONGEST_SEARCHED: Final = 2000  # characters that a pattern is tried on
_USUAL_FORM, _USUAL_LENGTH = "%Y-%m-%d %H:%M:%S", 19
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_ISO_DAY: Final = 10
# Days and times outside are no memory of anybody's, but a slip or a mark for "never".
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
Texts = dict[str, str]
Getter = Callable[[Texts], str]


class RowReader:
    """Reads fields of rows; what a field's source asks for is settled once."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.times.zone)
        self._nulls = frozenset(mark.strip() for mark in (*mapping.nulls, ""))
        self._getters = {
            name: self._getter(name, source) for name, source in mapping.sources().items()
        }

    def clean(self, text: str) -> str:
        """Return the text without entities and outer blanks; '' for a null mark."""
        value = html.unescape(text) if self._mapping.html_entities and "&" in text else text
        value = value.strip()
        if self._mapping.quoted_formulas:
            value = with_formula(value)
        return "" if value in self._nulls else value

    def text(self, name: str, row: Texts) -> str:
        """Return the field's text, '' when empty or not mapped; raise ValueUnknown."""
        getter = self._getters.get(name)
        return "" if getter is None else getter(row)

    def getter(self, name: str) -> Getter | None:
        """Return what reads the field's text from a row, None where it is not mapped."""
        return self._getters.get(name)

    def required(self, name: str, row: Texts) -> str:
        """Return the field's text; raise ValueMissing when empty."""
        value = self.text(name, row)
        if not value:
            raise ValueMissing(field=name, name=name)
        return value

    def number(self, name: str, row: Texts) -> float | None:
        """Return the field as a finite number, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        plain = value.replace(",", "") if _THOUSANDS.fullmatch(value) else value
        try:
            found = float(plain)
        except ValueError as error:
            raise _unread(name, value) from error
        if "_" in plain or not math.isfinite(found):
            raise _unread(name, value)
        return found

    def instant(self, name: str, row: Texts) -> datetime | None:
        """Return the field as an aware UTC instant, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        for form in self._mapping.times.formats:
            try:
                found = _moment(value, form)
                aware = found if found.tzinfo else found.replace(tzinfo=self._zone)
                utc = aware.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            if EARLIEST_YEAR <= utc.year <= LATEST_YEAR:
                return utc
        raise _unread(name, value)

    def day(self, name: str, row: Texts) -> date | None:
        """Return the field as a day, None when empty; raise ValueUnreadable (absurd ones, too)."""
        value = self.text(name, row)
        if not value:
            return None
        found = _day(value, self._mapping.date_formats)
        if found is None or not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            raise _unread(name, value)
        return found

    def _getter(self, name: str, source: FieldSource) -> Getter:
        raw = self._raw(source)
        pattern = compiled(source.pattern) if source.pattern else None
        if pattern is None and not source.aliases:
            default = source.default
            return (lambda row: raw(row) or default) if default else raw
        known = self._mapping.aliases.get(source.aliases, {})

        def get(row: Texts) -> str:
            value = raw(row)
            if pattern is not None and value:
                found = pattern.search(value[:_LONGEST_SEARCHED])
                value = (found[1] if found.groups() else found[0]) if found else ""
            if not value or not source.aliases:
                return value or source.default
            if (meant := known.get(value)) is not None:
                return meant
            if source.otherwise:
                return value if source.otherwise == "*" else source.otherwise
            raise ValueUnknown(field=name, value=value[:80], aliases=source.aliases)

        return get

    def _raw(self, source: FieldSource) -> Getter:
        if source.constant:
            constant = source.constant
            return lambda _: constant
        if source.columns:
            return lambda row: self._joined(source, row)
        column, nulls, clean = source.column, self._nulls, self.clean
        if self._mapping.html_entities:
            return lambda row: clean(row.get(column, ""))
        if self._mapping.quoted_formulas:
            # The usual cell is none: no further call for it.
            def unquoted(row: Texts) -> str:
                value = row.get(column, "").strip()
                return clean(value) if value[:1] == "'" else "" if value in nulls else value

            return unquoted

        def stripped(row: Texts) -> str:
            value = row.get(column, "").strip()
            return "" if value in nulls else value

        return stripped

    def _joined(self, source: FieldSource, row: Texts) -> str:
        parts = [self.clean(row.get(name, "")) for name in source.columns]
        return source.join.join(part for part in parts if part)


def _unread(name: str, value: str) -> ValueUnreadable:
    return ValueUnreadable(field=name, name=name, value=value[:80])


def _day(text: str, forms: tuple[str, ...]) -> date | None:
    try:
        return date.fromisoformat(text[:_ISO_DAY])
    except ValueError:
        pass
    for form in forms:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _moment(text: str, form: str) -> datetime:
    """Return the moment; the usual form by the quick way. Raises ValueError."""
    if form == _USUAL_FORM and len(text) == _USUAL_LENGTH and text[10] == " ":
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
