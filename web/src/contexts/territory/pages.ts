import type { Component } from 'vue'

export interface TerritoryPage {
  path: string
  /** What one of is needed; without, whoever reads the territory. */
  anyOf?: string[]
  view: () => Promise<Component>
}

export const READ = 'territory.read'
export const MANAGE = 'territory.manage'

/** The pages of the territory in the order of the menu. */
export const pages: TerritoryPage[] = [
  { path: 'divisions', view: () => import('./views/DivisionsView.vue') },
  { path: 'grids', view: () => import('./views/GridsView.vue') },
  { path: 'grid-work', view: () => import('./views/GridWorkView.vue') },
  { path: 'grid-groups', view: () => import('./views/GridGroupsView.vue') },
  { path: 'duties', view: () => import('./views/DutiesView.vue') },
  { path: 'addresses', view: () => import('./views/AddressesView.vue') },
  { path: 'address-imports', anyOf: [MANAGE], view: () => import('./views/AddressImportsView.vue') },
  { path: 'maps', view: () => import('./views/MapsView.vue') },
  { path: 'layers', anyOf: [MANAGE], view: () => import('./views/LayersView.vue') },
  { path: 'code-schemes', view: () => import('./views/CodeSchemesView.vue') },
]
