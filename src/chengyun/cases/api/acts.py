"""Routes that act on cases: one, or several at once."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from chengyun.administration.http import actor_of
from chengyun.cases.api.answers import case_answer
from chengyun.cases.api.case_shapes import CaseOut
from chengyun.cases.api.once import done_once
from chengyun.cases.api.shapes import AttachmentIds, Code, Id, Key, Location, Strict, Words
from chengyun.cases.operations.advance import ActOutcome, act_on_case, act_on_cases
from chengyun.cases.operations.choices import ActRequest

router = Router(tags=["cases"])

Version = Annotated[int, Field(ge=0, lt=2**31)]


class _ActIn(Strict):
    act: Code
    opinion: Words = ""
    reason: Code = Field("", description="code of the dictionary that the act names")
    condition: Words = ""
    standard_id: Id | None = None
    organisation_id: Id | None = None
    assisting_ids: Annotated[list[Id], Field(max_length=50)] | None = None
    assignee_id: Id | None = None
    result: bool | None = Field(None, description="answer of a verification or check")


class ActIn(_ActIn):
    """An act on one case; `version` as last seen refuses to act on what others changed."""

    version: Version | None = None
    attachments: AttachmentIds = Field(default_factory=list)
    location: Location | None = Field(None, description="where you stand")

    def asked(self) -> ActRequest:
        """Return the operation's input."""
        point = self.location.stored() if self.location else None
        return ActRequest(
            **self.model_dump(exclude={"attachments", "location"}),
            attachment_ids=tuple(self.attachments),
            lon=point.lon if point else None,
            lat=point.lat if point else None,
        )


class BatchIn(_ActIn):
    """The same act on several cases."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=2000)]


class OutcomeOut(Schema):
    """What became of one case."""

    id: int
    ok: bool
    code: str | None
    detail: str | None


class BatchOut(Schema):
    """What became of each case, in the order asked."""

    results: list[OutcomeOut]


@router.post("/acts", response=BatchOut, summary="Act on several cases")
def act_on_several(request: HttpRequest, body: BatchIn) -> dict[str, Any]:
    """Do an act to several cases, each in its own transaction; one refusal stops no other."""
    actor = actor_of(request)
    wanted = ActRequest(**body.model_dump(exclude={"ids"}))
    outcomes = act_on_cases(actor=actor, case_ids=body.ids, request=wanted)
    english = request.headers.get("Accept-Language", actor.language).startswith("en")
    return {"results": [_outcome(one, "en" if english else "zh") for one in outcomes]}


@router.post("/{int:case_id}/acts", response=CaseOut, summary="Act on a case")
def act_on_one(
    request: HttpRequest, case_id: Id, body: ActIn, idempotency_key: Key = None
) -> HttpResponse:
    """Do an act and answer with the case as it became."""
    actor, wanted = actor_of(request), body.asked()

    def act() -> int:
        act_on_case(actor=actor, case_id=case_id, request=wanted)
        return case_id

    return case_answer(actor, done_once(request, actor, idempotency_key, act))


def _outcome(outcome: ActOutcome, language: str) -> dict[str, Any]:
    fault = outcome.fault
    return {
        "id": outcome.case_id,
        "ok": fault is None,
        "code": fault.code if fault else None,
        "detail": fault.text(language) if fault else None,
    }
