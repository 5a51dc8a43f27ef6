"""Open consoles: live lines that tell what others do, taken up again where they broke."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import httpx

from chengyun.demo.live.city import City
from chengyun.demo.live.people import Person

_SILENCE_S = 40.0  # the platform beats every 15 s
_AGAIN_S = 2.0


async def follow(city: City, viewer: Person) -> None:
    """Listen on a live line until cancelled; let people hear of what others have done."""
    last = ""
    timeout = httpx.Timeout(_SILENCE_S, connect=5.0)
    async with httpx.AsyncClient(base_url=city.signing.door.url, timeout=timeout) as client:
        while True:
            if not viewer.headers:
                await city.signing.sign_in(viewer)
            headers = {"Cookie": viewer.headers["Cookie"], "Accept": "text/event-stream"}
            if last:
                headers["Last-Event-ID"] = last
            try:
                last = await _listen(city, client, viewer, headers, last)
            except httpx.TransportError:
                city.figures.lines_broken += 1
            await asyncio.sleep(_AGAIN_S)


async def _listen(
    city: City, client: httpx.AsyncClient, viewer: Person, headers: dict[str, str], last: str
) -> str:
    """Listen on one line until it ends; return the id of the last event."""
    async with client.stream("GET", "/live", headers=headers) as line:
        if line.status_code == HTTPStatus.UNAUTHORIZED:
            viewer.headers = {}
        kind = ""
        async for text in line.aiter_lines():
            name, _, value = text.partition(": ")
            if name == "id":
                last = value
            elif name == "event":
                kind = value
            elif name == "data" and line.status_code == HTTPStatus.OK:
                hear(city, kind, json.loads(value))
    return last


def hear(city: City, kind: str, data: dict[str, Any]) -> None:
    """Let whoever has a case now hear that somebody else has acted on it."""
    city.figures.live_events += 1
    if not kind.startswith("case.") or not data.get("by") or not data.get("desk"):
        return
    if (data["case_id"], data["version"]) in city.own:
        return
    by_id = city.roster.by_id
    named = [by_id[one] for one in data.get("person_ids", []) if one in by_id]
    people = [one for one in named if one.desk == data["desk"] and one.id != data["by"]]
    if not people and data.get("organisation"):
        people = city.roster.by_organisation.get(data["organisation"]["id"], [])
    if not people:
        people = city.roster.by_desk.get(data["desk"], [])
    if people:
        city.tell(city.draw.choice(people), data["case_id"])
