import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, watch } from 'vue'
import { getFaults, getRun, getRuns, isUnderWay, keys } from '../api'
import { useDoor } from '../door'

const POLL_MS = 1000

/** The history of runs; fetched again while one of them is under way. */
export function useRuns() {
  const { path } = useDoor()
  const list = useInfiniteQuery({
    queryKey: keys.runs(path),
    queryFn: ({ pageParam }) => getRuns(path, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? 3 * POLL_MS : false),
  })
  const rows = computed(() => list.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { list, rows }
}

/** One run, followed while it is under way, with its bad rows. */
export function useRun(id: Ref<string>) {
  const { path } = useDoor()
  const queries = useQueryClient()
  const run = useQuery({
    queryKey: computed(() => keys.run(path, id.value)),
    queryFn: () => getRun(path, id.value),
    enabled: () => id.value !== '',
    refetchInterval: (query) => (isUnderWay(query.state.data) ? POLL_MS : false),
  })
  const faults = useInfiniteQuery({
    queryKey: computed(() => keys.faults(path, id.value, run.data.value?.faulty ?? 0)),
    queryFn: ({ pageParam }) => getFaults(path, id.value, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: () => id.value !== '' && Boolean(run.data.value?.faulty) && !isUnderWay(run.data.value),
  })
  watch(
    () => run.data.value?.state,
    (now, before) => {
      if (before && now !== before) void queries.invalidateQueries({ queryKey: keys.runs(path) })
    },
  )
  const badRows = computed(() => faults.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { run, faults, badRows }
}
