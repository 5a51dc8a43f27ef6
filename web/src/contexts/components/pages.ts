import type { Component } from 'vue'

export interface ComponentsPage {
  path: string
  anyOf: string[]
  view: () => Promise<Component>
}

export const READ = 'components.read'
export const MANAGE = 'components.manage'
export const PLAN = 'components.census.plan'
export const COLLECT = 'components.census.collect'
export const ACCEPT = 'components.census.accept'
export const CENSUS = [PLAN, COLLECT, ACCEPT]

/** The pages of components in the order of the menu. */
export const pages: ComponentsPage[] = [
  { path: 'list', anyOf: [READ], view: () => import('./views/ListView.vue') },
  { path: 'map', anyOf: [READ], view: () => import('./views/MapView.vue') },
  { path: 'statistics', anyOf: [READ], view: () => import('./views/StatisticsView.vue') },
  { path: 'census', anyOf: CENSUS, view: () => import('./views/CensusView.vue') },
  { path: 'attributes', anyOf: [READ], view: () => import('./views/AttributesView.vue') },
  { path: 'imports', anyOf: [MANAGE], view: () => import('./views/ImportsView.vue') },
]
