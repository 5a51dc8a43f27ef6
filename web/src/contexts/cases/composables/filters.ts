import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { Filters } from '../api'

/** The filters of the list; they live in the address, so that a list can be bookmarked, shared and gone back to. */
export const FILTER_NAMES = [
  'queue', 'state', 'source', 'kind', 'class', 'type', 'district', 'street', 'community', 'grid', 'component', 'organisation',
  'light', 'overdue', 'urgent', 'open', 'mine', 'reported_from', 'reported_to', 'ended_from', 'ended_to', 'q', 'number', 'system', 'sort',
] as const
export type FilterName = (typeof FILTER_NAMES)[number]

export const SORTS = ['due', '-reported', 'reported', 'updated'] as const

/** A queue is worked off by deadline, the library is read from the newest. */
export const usualSort = (filters: Filters) => (filters.queue ? 'due' : '-reported')

/** The filters written in an address; unknown words and empty values are left out. */
export function filtersOf(query: LocationQuery): Filters {
  const pairs = FILTER_NAMES.flatMap((name) => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : []
  })
  return Object.fromEntries(pairs)
}

/** The filters with one of them set, or taken away when the value is empty. */
export function withFilter(filters: Filters, name: FilterName, value: string | null | undefined): Filters {
  const rest = Object.fromEntries(Object.entries(filters).filter(([known]) => known !== name))
  return value ? { ...rest, [name]: value } : rest
}

/** How many filters narrow the list beyond its queue and order. */
export const narrowing = (filters: Filters) => Object.keys(filters).filter((name) => name !== 'queue' && name !== 'sort').length

export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => filtersOf(route.query))

  /** Replace the filters; the chosen case stays open unless told otherwise. */
  function replace(next: Filters, keepCase = true) {
    const chosen = keepCase && typeof route.query.case === 'string' ? { case: route.query.case } : {}
    return router.push({ path: route.path, query: { ...next, ...chosen } })
  }
  const set = (name: FilterName, value: string | null | undefined) => replace(withFilter(filters.value, name, value))

  return { filters, replace, set }
}
