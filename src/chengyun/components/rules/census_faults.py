"""What can be wrong in a census."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault


class CensusMoveImpossible(Conflict):
    """The plan or task is not in a state from which the act leads on."""

    code = "census_move_impossible"
    zh = "当前状态（{state}）不能“{act_zh}”。请刷新后再看。"
    en = "In its present state ({state}) it cannot be: {act_en}. Reload and look again."


class CensusGuardFailed(Conflict):
    """Something is to be done before the act."""

    code = "census_not_ready"
    zh = "还不能“{act_zh}”：{why_zh}。"
    en = "“{act_en}” is not possible yet: {why_en}."


class CensusReasonNeeded(Fault):
    """The act needs a reason."""

    code = "reason_needed"
    zh = "请写明原因。"
    en = "Say why."


class CensusAreaEmpty(Fault):
    """No unit grid in force lies in the areas."""

    code = "census_area_empty"
    zh = "所选范围（{value}）没有在用的单元网格。请选择区划代码或网格代码。"
    en = "No unit grid in force lies in {value}. Give codes of divisions or grids."


class CensusTooLarge(Fault):
    """More tasks than one plan may have."""

    code = "census_too_large"
    zh = "任务数 {value} 超过一个计划的上限 {limit}。请缩小范围，或改为按社区。"
    en = "{value} tasks are over the {limit} of one plan. Narrow the areas, or plan by community."


class CollectorUnknown(Fault):
    """The person is no collector."""

    code = "collector_unknown"
    zh = "人员 {value} 不存在、已停用，或没有普查采集权限。"
    en = "Person {value} is not there, inactive, or may not collect."


class FindingTaken(Conflict):
    """The component has a finding in the task already, under another key."""

    code = "finding_taken"
    zh = "部件 {value} 在本任务中已有采集结果（{key}）。请修改原来的结果。"
    en = "The component {value} has a finding already ({key}). Change that one."


class FindingElsewhere(Fault):
    """The place or the component lies outside the task."""

    code = "finding_elsewhere"
    zh = "不在本任务的范围（{area}）内：{value}。请在所属范围的任务中采集。"
    en = "{value} does not lie in the task's area ({area}). Collect it in the task of its area."


class FindingTypeElsewhere(Fault):
    """The plan asks for other types."""

    code = "finding_type_elsewhere"
    zh = "本次普查不包括类型 {value}。"
    en = "This census does not ask for type {value}."


class FindingDecided(Conflict):
    """The finding was accepted and changes no more."""

    code = "finding_decided"
    zh = "该采集结果已通过验收，不能再改。"
    en = "The finding has been accepted and changes no more."
