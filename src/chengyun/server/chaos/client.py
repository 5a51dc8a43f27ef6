"""A client: reports cases and moves those that all clients share, often into each other's way."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from chengyun.server.chaos.book import Book, Entry
from chengyun.server.chaos.city import MATTER_TYPE, City
from chengyun.server.chaos.line import Line, Reply, as_json

CASES_UNDER_WAY: Final = 40
EXPORT_EVERY, FIRST_EXPORT = 25, 5
_COMMENT_SHARE: Final = 0.05
_JSON: Final = {"Content-Type": "application/json"}
# state → acts with desk and weight; a desk "department" is the responsible organisation's
_NEXT: Final[dict[str, tuple[tuple[str, str, int], ...]]] = {
    "reported": (("accept", "acceptor", 1),),
    "accepted": (("file", "shift_leader", 9), ("send_back_to_acceptor", "shift_leader", 1)),
    "filed": (("dispatch", "dispatcher", 1),),
    "dispatched": (("start_handling", "department", 9), ("apply_return", "department", 1)),
    "handling": (("hand_back", "department", 1),),
    "handled": (("give_feedback", "dispatcher", 9), ("send_back_to_department", "dispatcher", 1)),
    "feedback_given": (("send_check", "acceptor", 1),),
    "checking": (("answer_check", "collector", 1),),
    "check_failed": (("rework", "dispatcher", 1),),
    "check_passed": (("close", "shift_leader", 9), ("send_back_check", "shift_leader", 1)),
}
_DECIDED: Final = {
    "return": (("approve_return", "dispatcher", 1), ("reject_return", "dispatcher", 1))
}
_WITH_PHOTO: Final = {"hand_back": "disposal", "answer_check": "check"}


@dataclass(kw_only=True)
class Client:
    """One of them, in a thread of its own."""

    number: int
    city: City
    book: Book
    line: Line
    draw: random.Random
    run: str
    _acts: int = 0

    def work(self) -> None:
        """Act until the book says enough."""
        try:
            while self.book.take():
                self._acts += 1
                self._do_one()
                if self.number == 0 and self._acts % EXPORT_EVERY == FIRST_EXPORT:
                    self._export()
        except BaseException as error:  # the edge of the thread
            self.book.fail(error)
            raise

    def _do_one(self) -> None:
        mark = f"chaos {self.run} {self.number:02}-{self._acts:05}"
        case = self.book.pick(self.draw)
        if case is None or self.book.under_way < CASES_UNDER_WAY:
            self._report(mark)
        else:
            self._move(case, mark)

    def _report(self, mark: str) -> None:
        by_collector = self.draw.random() < 1 / 4
        desk = "collector" if by_collector else "acceptor"
        lon, lat = self.draw.choice(self.city.places)
        photos = [self._upload("report", self.city.desks[desk])] if by_collector else []
        body = {
            "type": MATTER_TYPE,
            "description": mark,
            "location": {"lon": lon, "lat": lat},
            "attachments": photos,
            **({} if by_collector else {"source": "other"}),
        }
        reply = self._write("/api/v1/cases", self.city.desks[desk], mark, body)
        self._note(mark, "report", None, reply, photos)

    def _move(self, case: dict[str, Any], mark: str) -> None:
        act, desk = self._chosen(case)
        headers = self._headers(desk, case)
        body: dict[str, Any] = {"act": act, "opinion": mark, "version": case["version"]}
        photos: list[str] = []
        if act in _WITH_PHOTO:
            photos = [self._upload(_WITH_PHOTO[act], headers)]
            body["attachments"] = photos
        body |= self._needs(act, case)
        reply = self._write(f"/api/v1/cases/{case['id']}/acts", headers, mark, body)
        self._note(mark, act, case, reply, photos)

    def _chosen(self, case: dict[str, Any]) -> tuple[str, str]:
        if self.draw.random() < _COMMENT_SHARE:
            return "comment", "acceptor"
        offered = _DECIDED.get(case["pending_kind"]) or _NEXT[case["state"]]
        act, desk, _ = self.draw.choices(offered, [weight for *_, weight in offered])[0]
        return act, desk

    def _headers(self, desk: str, case: dict[str, Any]) -> dict[str, str]:
        if desk != "department":
            return self.city.desks[desk]
        return self.city.departments[case["responsible"]["id"]]

    def _needs(self, act: str, case: dict[str, Any]) -> dict[str, Any]:
        if act == "file":
            return {"standard_id": self.city.standard_of(self.line, case["id"])}
        if act == "dispatch":
            return {"organisation_id": self.draw.choice(sorted(self.city.departments))}
        if act == "send_check":
            return {"assignee_id": self.city.collector_id}
        if act == "answer_check":
            return {"result": self.draw.random() < 9 / 10}
        if act == "close":
            return {"condition": "问题消除，现场整洁有序"}
        return {}

    def _write(self, path: str, headers: dict[str, str], key: str, body: Any) -> Reply:
        named = {**headers, **_JSON, "Idempotency-Key": key.replace(" ", "_")}
        return self.line.ask("POST", path, named, as_json(body))

    def _upload(self, phase: str, headers: dict[str, str]) -> str:
        """Upload a photo that no other is like; a repeated upload leaves one that nobody uses."""
        border = f"chaos{self.draw.getrandbits(64):x}"
        body = _form(border, phase, self._photo())
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        reply = self.line.ask("POST", "/api/v1/attachments", {**headers, **kind}, body)
        return str(reply.body["id"])

    def _photo(self) -> bytes:
        made = io.BytesIO()
        Image.frombytes("RGB", (8, 8), self.draw.randbytes(192)).resize((160, 120)).save(
            made, "JPEG"
        )
        return made.getvalue()

    def _note(
        self, mark: str, act: str, case: dict[str, Any] | None, reply: Reply, photos: list[str]
    ) -> None:
        seen = case or (reply.body if reply.is_good else {})
        entry = Entry(
            mark=mark,
            act=act,
            case_id=seen.get("id"),
            version=case["version"] if case else None,
            status=reply.status,
            attachments=tuple(photos),
        )
        if reply.is_good:
            self.book.keep(reply.body)
        elif case is not None:
            self._look_again(case["id"])
        self.book.note(entry, tries=reply.tries)

    def _look_again(self, case_id: int) -> None:
        """See what somebody else made of the case."""
        found = self.line.ask("GET", f"/api/v1/cases/{case_id}", self.city.desks["leader"])
        if found.is_good:
            self.book.keep(found.body)

    def _export(self) -> None:
        """Ask for a long export: a job that must not be lost; refused while three wait."""
        reply = self.line.ask(
            "POST", "/api/v1/cases/export", {**self.city.desks["leader"], **_JSON}, as_json({})
        )
        if reply.is_good and reply.body:
            self.book.exports.append(reply.body["id"])


def _form(border: str, phase: str, photo: bytes) -> bytes:
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="phase"\r\n\r\n{phase}\r\n'
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="p.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + photo + f"\r\n--{border}--\r\n".encode()
