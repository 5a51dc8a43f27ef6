import type { Component } from 'vue'

export interface StandardsPage {
  path: string
  view: () => Promise<Component>
}

export const READ = 'standards.read'
export const MANAGE = 'standards.manage'

/** The pages of standards in the order of the menu. */
export const pages: StandardsPage[] = [
  { path: 'matter-types', view: () => import('./views/MatterTypesView.vue') },
  { path: 'conditions', view: () => import('./views/StandardsView.vue') },
  { path: 'dispatch-rules', view: () => import('./views/DispatchRulesView.vue') },
  { path: 'workflow', view: () => import('./views/WorkflowView.vue') },
]
