"""The way to the platform: persistent connections, asked again until there is an answer.

A request that writes carries its idempotency key through every try, so that a dropped answer is
given again and nothing is done twice.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from chengyun.demo.live.figures import Figures
from chengyun.kernel.errors import Fault

CONNECT_S, ANSWER_S = 5.0, 30.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
_TRIES_OF_A_FAILURE = 4
_AWAY = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
Tell = Callable[[str, str], None]


class Stopped(Exception):
    """The run ends, and the platform has not answered."""


class PlatformNotReached(Fault):
    """Nothing answers at the address."""

    code = "platform_not_reached"
    status = 503
    zh = "{url} 无应答（{reason}）。请先执行 chengyun up，或用 --url 指定平台地址。"
    en = "{url} does not answer ({reason}). Start `chengyun up` first, or name a platform by --url."


@dataclass(slots=True, kw_only=True)
class Answer:
    """What the platform said; `data` is its JSON, None without any."""

    status: int
    data: Any
    cookies: dict[str, str]

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return self.status < HTTPStatus.BAD_REQUEST

    @property
    def code(self) -> str:
        """The stable code of a refusal."""
        known = self.data if isinstance(self.data, dict) else {}
        return str(known.get("code", self.status))


@dataclass(kw_only=True)
class Door:
    """All requests of a run go through it. `tell` is given a line in Chinese and in English."""

    url: str
    figures: Figures
    tell: Tell
    connections: int = 16
    transport: httpx.AsyncBaseTransport | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _away_since: float | None = None

    def __post_init__(self) -> None:
        """Open nothing yet: connections are made when asked."""
        self.client = httpx.AsyncClient(
            base_url=self.url,
            transport=self.transport,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, pool=None),
            limits=httpx.Limits(
                max_connections=self.connections, max_keepalive_connections=self.connections
            ),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # people bring their own
            headers={"User-Agent": "chengyun-life", "Accept": "application/json"},
        )
        self.chance = random.Random()  # noqa: S311

    async def knock(self) -> dict[str, Any]:
        """Return the platform's public card; raises PlatformNotReached."""
        try:
            found = await self.client.get("/api/v1/node")
        except httpx.TransportError as error:
            raise PlatformNotReached(url=self.url, reason=type(error).__name__) from error
        if found.status_code != HTTPStatus.OK:
            raise PlatformNotReached(url=self.url, reason=found.status_code)
        return dict(found.json())

    async def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        key: str | None = None,
        **more: Any,
    ) -> Answer:
        """Return the answer to a request, asked again as long as there is none.

        more : json, params, files or data, as httpx takes them
        raises : Stopped when the run ends before there is an answer
        """
        if key is None:
            return await self._insist(method, path, headers, more)
        try:
            return await self._insist(method, path, {**headers, "Idempotency-Key": key}, more)
        except (Stopped, asyncio.CancelledError):
            self.figures.unsettled += 1
            raise

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    async def _insist(
        self, method: str, path: str, headers: dict[str, str], more: dict[str, Any]
    ) -> Answer:
        tries = 0
        while True:
            answer = await self._try(method, path, headers, more, tries)
            if answer is not None:
                return answer
            tries += 1
            self.figures.retries += 1
            await self._wait(tries)

    async def _try(
        self, method: str, path: str, headers: dict[str, str], more: dict[str, Any], tries: int
    ) -> Answer | None:
        """Ask once; None when it is worth asking again."""
        began = time.monotonic()
        try:
            found = await self.client.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            self._note_away(type(error).__name__)
            return None
        if found.status_code in _AWAY:
            self._note_away(str(found.status_code))
            return None
        self._note_back()
        if found.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.figures.errors[f"{found.status_code} {method} {_route(path)}"] += 1
            if tries < _TRIES_OF_A_FAILURE:
                return None
        times = self.figures.reads if method == "GET" else self.figures.writes
        times.add(time.monotonic() - began)
        return _answer(found)

    async def _wait(self, tries: int) -> None:
        """Wait a little longer each time; not at all once the run has ended."""
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (tries - 1))
        if self.stopping.is_set() and tries > _TRIES_OF_A_FAILURE:
            raise Stopped
        await asyncio.sleep(longest * self.chance.uniform(0.5, 1.0))

    def _note_away(self, reason: str) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            self.figures.away += 1
            self.tell(
                f"平台无应答（{reason}），稍后重试 …",
                f"the platform is away ({reason}), asking again",
            )

    def _note_back(self) -> None:
        if self._away_since is None:
            return
        took_s = time.monotonic() - self._away_since
        self._away_since = None
        self.figures.away_s += took_s
        self.tell(f"平台已恢复，中断 {took_s:.1f} 秒", f"the platform is back after {took_s:.1f} s")


def _route(path: str) -> str:
    return "/".join("{id}" if part.isdigit() else part for part in path.split("/"))


def _answer(found: httpx.Response) -> Answer:
    cookies = {}
    for line in found.headers.get_list("set-cookie"):
        name, _, value = line.partition(";")[0].partition("=")
        cookies[name] = value
    is_json = bool(found.content) and "json" in found.headers.get("content-type", "")
    return Answer(status=found.status_code, data=found.json() if is_json else None, cookies=cookies)
