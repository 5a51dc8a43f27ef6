import type { Component } from 'vue'

export interface AdministrationPage {
  path: string
  group: 'people' | 'system'
  anyOf: string[]
  view: () => Promise<Component>
}

/** The pages of administration in the order of the menu. */
export const pages: AdministrationPage[] = [
  { path: 'organisations', group: 'people', anyOf: ['administration.organisations'], view: () => import('./views/OrganisationsView.vue') },
  { path: 'people', group: 'people', anyOf: ['administration.people'], view: () => import('./views/PeopleView.vue') },
  { path: 'posts', group: 'people', anyOf: ['administration.people'], view: () => import('./views/PostsView.vue') },
  { path: 'roles', group: 'people', anyOf: ['administration.roles'], view: () => import('./views/RolesView.vue') },
  { path: 'sessions', group: 'people', anyOf: ['administration.people'], view: () => import('./views/SessionsView.vue') },
  { path: 'settings', group: 'system', anyOf: ['administration.settings'], view: () => import('./views/SettingsView.vue') },
  { path: 'dictionaries', group: 'system', anyOf: ['administration.dictionaries'], view: () => import('./views/DictionariesView.vue') },
  { path: 'calendar', group: 'system', anyOf: ['administration.calendar'], view: () => import('./views/CalendarView.vue') },
  { path: 'tokens', group: 'system', anyOf: ['administration.tokens'], view: () => import('./views/TokensView.vue') },
  { path: 'audit', group: 'system', anyOf: ['administration.audit'], view: () => import('./views/AuditView.vue') },
]
