"""One client's line to the platform: it asks again, in the same words, until it is answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from chengyun.kernel.errors import Fault

HOST: Final = "127.0.0.1"
GIVES_UP_S: Final = 180.0
_ANSWER_S: Final = 40.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 1.0


class NoAnswer(Fault):
    """The platform did not come back."""

    code = "no_answer"
    status = 504
    zh = "平台在 {seconds} 秒内未恢复：{last}"
    en = "The platform did not come back within {seconds} s: {last}"


@dataclass(kw_only=True)
class Tally:
    """What all lines met. `longest_s` is the longest that one request took, with all its tries."""

    dropped: int = 0
    unavailable: int = 0
    without_retry_after: int = 0
    longest_s: float = 0.0
    unexpected: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_answer(self, status: int, told: dict[str, str], body: bytes) -> None:
        """Count an answer of the server's making."""
        with self.lock:
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                self.unavailable += 1
                self.without_retry_after += "retry-after" not in told
            elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.unexpected[f"{status} {body[:200].decode('utf-8', 'replace')}"] += 1

    def add_drop(self) -> None:
        """Count a connection that ended without an answer."""
        with self.lock:
            self.dropped += 1

    def add_time(self, took_s: float) -> None:
        """Keep the longest."""
        with self.lock:
            self.longest_s = max(self.longest_s, took_s)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that counts; `body` is its JSON. `tries` before it, it included."""

    status: int
    body: Any
    tries: int

    @property
    def is_good(self) -> bool:
        """Whether the platform did what was asked."""
        return self.status < HTTPStatus.BAD_REQUEST


class Line:
    """A persistent connection that is made anew as often as it breaks."""

    def __init__(self, port: int, tally: Tally) -> None:
        """Talk to the platform on `port`."""
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_ANSWER_S)
        self._tally = tally

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """Send until there is an answer other than "not now".

        raises : NoAnswer
        """
        began, tries, wait_s = time.monotonic(), 0, _FIRST_WAIT_S
        while True:
            tries += 1
            status, text = self._try(method, path, headers, body)
            if status and not _is_passing(status):
                self._tally.add_time(time.monotonic() - began)
                return Reply(status=status, body=_value(text), tries=tries)
            if time.monotonic() - began > GIVES_UP_S:
                raise NoAnswer(seconds=GIVES_UP_S, last=f"{method} {path} {status} {text[:200]!r}")
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _try(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Return status and body; status 0 when the connection ended without an answer."""
        try:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._tally.add_drop()
            return 0, repr(error).encode()
        told = {name.lower(): value for name, value in answer.getheaders()}
        self._tally.add_answer(answer.status, told, text)
        return answer.status, text


def _is_passing(status: int) -> bool:
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _value(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def as_json(value: Any) -> bytes:
    """Return a body."""
    return json.dumps(value).encode()
