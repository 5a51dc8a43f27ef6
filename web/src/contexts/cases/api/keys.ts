import type { Id } from '@/api'

export type Filters = Record<string, string>

/** Names of the cached answers; the live line throws away exactly those that changed. */
export const keys = {
  queues: ['cases', 'queues'] as const,
  views: ['cases', 'views'] as const,
  lists: ['cases', 'list'] as const,
  list: (filters: Filters) => ['cases', 'list', filters] as const,
  statistics: ['cases', 'statistics'] as const,
  one: (id: Id) => ['cases', 'one', id] as const,
  detail: (id: Id) => ['cases', 'one', id, 'detail'] as const,
  log: (id: Id) => ['cases', 'one', id, 'log'] as const,
  proof: (id: Id) => ['cases', 'one', id, 'proof'] as const,
  nearby: (id: Id) => ['cases', 'one', id, 'nearby'] as const,
  proposals: (id: Id) => ['cases', 'one', id, 'proposals'] as const,
}
