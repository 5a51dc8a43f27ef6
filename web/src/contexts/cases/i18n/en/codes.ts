export default {
  /** Roles of the log that are no desk of the workflow. */
  desk: { hotline_operator: 'Hotline operator', integrator: 'Interface', system: 'System' },
  kind: { component: 'Component', matter: 'Matter' },
  phase: { report: 'Report', verify: 'Verification', disposal: 'After disposal', check: 'Check', other: 'Other' },
  task: { verify: 'Verification', check: 'Check' },
  pending: { return: 'Return applied for', void: 'Voiding applied for', extension: 'Extension applied for', suspension: 'Suspension applied for', suspension_2: 'Suspension awaits approval', dispute: 'Ownership dispute', appeal: 'Appeal' },
}
