import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { FILTERS, type FilterName } from '../shapes'

export type Filters = Partial<Record<FilterName, string>>

/** The filters of the list and the map; they stand in the address, so that a figure can open its list. */
export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  const filters = computed<Filters>(() => {
    const given = FILTERS.map((name) => [name, route.query[name]] as const)
    return Object.fromEntries(given.filter(([, value]) => typeof value === 'string' && value)) as Filters
  })
  function narrow(change: Filters) {
    const next = Object.fromEntries(Object.entries({ ...route.query, ...change }).filter(([, value]) => value))
    return router.replace({ query: next })
  }
  return { filters, narrow }
}
