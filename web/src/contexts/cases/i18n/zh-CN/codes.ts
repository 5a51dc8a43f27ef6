/** Names of the codes that the workflow table does not hold. */
export default {
  /** Roles of the log that are no desk of the workflow. */
  desk: { hotline_operator: '热线坐席', integrator: '接口', system: '系统' },
  kind: { component: '部件', matter: '事件' },
  phase: { report: '上报', verify: '核实', disposal: '处置后', check: '核查', other: '其他' },
  task: { verify: '核实', check: '核查' },
  pending: { return: '回退申请', void: '作废申请', extension: '延期申请', suspension: '挂账申请', suspension_2: '挂账待批', dispute: '权属协调', appeal: '申诉' },
}
