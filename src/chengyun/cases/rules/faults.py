"""What an act on a case may be refused for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from chengyun.kernel.errors import Conflict, Fault


class WorkflowInvalid(Exception):
    """The workflow table contradicts itself; each problem names its row."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("the workflow table is not valid:\n  " + "\n  ".join(problems))


class UnknownAct(Fault):
    """There is no such act."""

    code = "unknown_act"
    zh = "没有“{act}”这个操作。"
    en = "There is no act “{act}”."


class ActSwitchedOff(Fault):
    """The act stands in the table but is switched off."""

    code = "act_switched_off"
    status = 409
    zh = "“{act_zh}”尚未启用。"
    en = "“{act_en}” is switched off here."


class ActNotPossible(Conflict):
    """The case is not in a state from which the act starts."""

    code = "act_not_possible"
    zh = "案卷处于“{state_zh}”，不能“{act_zh}”。{possible_zh}请刷新后重试。"
    en = "The case is “{state_en}”; “{act_en}” is not possible. {possible_en}Reload first."

    def __init__(self, *, field: str | None = None, **values: Any) -> None:
        super().__init__(field=field, **({"possible_zh": "", "possible_en": ""} | values))

    def with_possible(self, acts: Sequence[tuple[str, str]]) -> Self:
        """Return the fault that also says what the actor can do now: names in both languages."""
        if not acts:
            return self
        zh = f"现在可以：{'、'.join(zh for zh, _ in acts)}。"
        en = f"Possible now: {', '.join(en.lower() for _, en in acts)}. "
        return type(self)(
            field=self.field, **(self.values | {"possible_zh": zh, "possible_en": en})
        )


class DecisionPending(Conflict):
    """An application waits for its decision, so nothing else may happen."""

    code = "decision_pending"
    zh = "案卷有待审批的申请，审批后才能“{act_zh}”。"
    en = "An application on this case waits for its decision; “{act_en}” is possible afterwards."


class NothingPending(Conflict):
    """There is no application to decide on."""

    code = "nothing_pending"
    zh = "案卷没有待审批的申请，不能“{act_zh}”。请刷新后重试。"
    en = "No application waits for a decision; “{act_en}” is not possible. Reload and try again."


class WrongDesk(Fault):
    """The act belongs to another role."""

    code = "wrong_desk"
    status = 403
    zh = "“{act_zh}”由{desks_zh}办理，您的角色不能办理。"
    en = "“{act_en}” belongs to: {desks_en}. Your roles do not include it."


class NotTheAssignee(Fault):
    """The task was sent to somebody else."""

    code = "not_the_assignee"
    status = 403
    zh = "该任务派给了其他监督员，只能由其本人回复。"
    en = "This task was sent to another collector, who alone may answer it."


class NotYourOrganisation(Fault):
    """The case lies with another organisation."""

    code = "not_your_organisation"
    status = 403
    zh = "该案卷由其他部门负责，您所在部门不能办理。"
    en = "This case lies with another organisation; yours cannot act on it."


class NotYourDraft(Fault):
    """The draft was written by somebody else."""

    code = "not_your_draft"
    status = 403
    zh = "这是他人的草稿。"
    en = "This draft belongs to somebody else."


class ReportNotVerified(Conflict):
    """A public report, or one that was sent to be verified, was not verified as true."""

    code = "report_not_verified"
    zh = "公众上报和派过核实的案卷须核实属实才能受理。请先派发核实。"
    en = "Accepted only once verified as true on site. Send the report to be verified first."


class RefuseWindowOver(Conflict):
    """The time within which a department may return a case is over."""

    code = "refuse_window_over"
    zh = "已超过回退期限（{until}），请继续处置或联系派遣员。"
    en = "The time to return this case ended at {until}. Handle it, or speak to the dispatcher."


class SameOrganisation(Fault):
    """A case is to go to another department, but the same one was given."""

    code = "same_organisation"
    zh = "改派须选择其他部门；交原部门请用“返工”。"
    en = "Choose another department; to give it back to the same one use “Rework”."


class OrganisationCannotDispose(Fault):
    """The chosen organisation is not one that disposes of cases."""

    code = "organisation_cannot_dispose"
    zh = "所选单位不承担处置，请选择专业部门、街道或企业。"
    en = "This organisation does not dispose of cases. Choose a department, street or enterprise."


class NotUrgent(Conflict):
    """Only urgent cases take the fast track."""

    code = "not_urgent"
    zh = "仅紧急案卷可以直派。"
    en = "Only urgent cases are dispatched at once."


class NoExtensionLeft(Conflict):
    """The limit is over or the number of extensions is used up."""

    code = "no_extension_left"
    zh = "已超期或延期次数已用完，不能再申请延期。"
    en = "The limit is over or every extension is used; no further one can be granted."


class NotOverdue(Conflict):
    """Only an overdue case can be appealed."""

    code = "not_overdue"
    zh = "案卷未超期，无需申诉。"
    en = "The case was not overdue; there is nothing to appeal."


class AlreadyAppealed(Conflict):
    """An appeal is possible once."""

    code = "already_appealed"
    zh = "已申诉过，每件案卷只能申诉一次。"
    en = "This case was appealed before; one appeal is possible."


class NotSupervised(Conflict):
    """No supervision waits for an answer."""

    code = "not_supervised"
    zh = "案卷没有待回复的督办。"
    en = "No supervision waits for an answer."


class ReopenWindowOver(Conflict):
    """The time within which a case may be reopened is over."""

    code = "reopen_window_over"
    zh = "已超过重新打开的期限，请重新上报。"
    en = "The time to reopen this case is over. Report it anew."


class InputMissing(Fault):
    """Something that the act needs was not given; `field` names it."""

    code = "input_missing"
    zh = "请填写{name_zh}。"
    en = "{name_en} is needed."


class PhotosMissing(Fault):
    """The act needs photos of a phase."""

    code = "photos_missing"
    zh = "请至少上传 {count} 张{phase_zh}照片。"
    en = "At least {count} photo(s) of the phase “{phase_en}” are needed."
