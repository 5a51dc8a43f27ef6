import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { type Filters, getPage, keys } from '../api'

const FRESH_MS = 15_000

/** The list, page after page by key; rows are in the order of the server. */
export function useCaseList(filters: Ref<Filters>, enabled: Ref<boolean>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.list(filters.value)),
    queryFn: ({ pageParam }) => getPage(filters.value, pageParam),
    enabled,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  })
  const rows = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const ids = computed(() => rows.value.map((row) => row.id))

  function loadMore() {
    if (query.hasNextPage.value && !query.isFetchingNextPage.value) void query.fetchNextPage()
  }
  return { query, rows, ids, loadMore }
}
