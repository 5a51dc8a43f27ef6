"""JSON values taken off a stream of text one by one: the whole is never in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_AFTER_VALUE: Final = ",]} \t\n\r"
MIB: Final = 1024 * 1024


class JsonStream:
    """Reads an object member by member, and an array element by element.

    longest : of one value [characters]
    fault : makes the error for a reason in English
    """

    def __init__(
        self, texts: Iterator[str], *, longest: int, fault: Callable[[str], Exception]
    ) -> None:
        self._texts = texts
        self._longest = longest
        self._fault = fault
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=self._refuse_constant)

    def expect(self, mark: str) -> None:
        """Take the mark; raise the fault where something else stands."""
        if self._peek() != mark:
            raise self._fault(f"expected {mark}")
        self._at += 1

    def next_name(self) -> str | None:
        """Return the next member's name with its colon eaten, None at the end of the object."""
        if self._peek() == ",":
            self._at += 1
        if self._peek() == "}":
            self._at += 1
            return None
        name = self.value()
        if not isinstance(name, str):
            raise self._fault("expected a member")
        self.expect(":")
        return name

    def elements(self) -> Iterator[Any]:
        """Yield the elements of an array."""
        self.expect("[")
        while self._peek() != "]":
            yield self.value()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise self._fault("expected , or ]")
        self._at += 1

    def value(self) -> Any:
        """Return the next value, whatever it is."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._fault("nested too deeply") from error
            except json.JSONDecodeError as error:
                if self._ended:
                    raise self._fault(error.msg) from error
            except ValueError as error:  # an integer of thousands of digits
                raise self._fault("a number is too long") from error
            else:
                whole = self._ended or isinstance(value, dict | list | str)
                if whole or (end < len(self._text) and self._text[end] in _AFTER_VALUE):
                    self._at = end
                    return value
            self._more()

    def _peek(self) -> str:
        while True:
            self._at = cast("re.Match[str]", _SPACE.match(self._text, self._at)).end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                raise self._fault("the file ends early")
            self._more()

    def _more(self) -> None:
        """Read on: as much again as is waiting, so that a long value is not parsed too often."""
        waiting = len(self._text) - self._at
        if waiting > self._longest:
            raise self._fault(f"a feature is longer than {self._longest // MIB} MiB")
        parts = [self._text[self._at :]]
        self._at, read = 0, 0
        while read <= waiting:
            part = next(self._texts, None)
            if part is None:
                self._ended = True
                break
            parts.append(part)
            read += len(part)
        self._text = "".join(parts)

    def _refuse_constant(self, name: str) -> float:
        raise self._fault(f"{name} is not a number of JSON")
