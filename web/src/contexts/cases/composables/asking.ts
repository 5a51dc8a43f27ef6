import { type QueryClient } from '@tanstack/vue-query'
import type { LocationQuery } from 'vue-router'
import { filtersOf } from './filters'
import { firstQueue } from './selection'
import { type Filters, getPage, getQueues, keys } from '../api'

const FRESH_MS = 15_000

/** How the queues of the desk are asked for. */
export const askQueues = { queryKey: keys.queues, queryFn: getQueues, staleTime: FRESH_MS }

/** How a list is asked for, page after page by key. */
export const askList = (filters: Filters) => ({
  queryKey: keys.list(filters),
  queryFn: ({ pageParam }: { pageParam: string | undefined }) => getPage(filters, pageParam),
  initialPageParam: undefined as string | undefined,
  staleTime: FRESH_MS,
})

/** Ask for what the workbench will show while its parts are still on their way; what does not come is asked for again there. */
export async function beginDesk(queries: QueryClient, address: LocationQuery): Promise<void> {
  const filters = filtersOf(address)
  if (Object.keys(filters).length) {
    void queries.prefetchQuery(askQueues)
    await queries.prefetchInfiniteQuery(askList(filters))
    return
  }
  const first = firstQueue(await queries.fetchQuery(askQueues))
  if (first) await queries.prefetchInfiniteQuery(askList({ queue: first.code }))
}
