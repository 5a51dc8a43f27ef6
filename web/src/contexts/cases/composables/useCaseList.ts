import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { askList } from './asking'
import type { Filters } from '../api'

/** The list, page after page by key; rows are in the order of the server. */
export function useCaseList(filters: Ref<Filters>, enabled: Ref<boolean>) {
  const { initialPageParam, staleTime } = askList({})
  const query = useInfiniteQuery({
    queryKey: computed(() => askList(filters.value).queryKey),
    queryFn: ({ pageParam }) => askList(filters.value).queryFn({ pageParam }),
    enabled,
    initialPageParam,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime,
  })
  const rows = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const ids = computed(() => rows.value.map((row) => row.id))

  function loadMore() {
    if (query.hasNextPage.value && !query.isFetchingNextPage.value) void query.fetchNextPage()
  }
  return { query, rows, ids, loadMore }
}
