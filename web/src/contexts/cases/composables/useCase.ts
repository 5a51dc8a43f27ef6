import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { Id } from '@/api'
import { getCase, getLog, getNearby, getProof, getProposals, keys } from '../api'

const FRESH_MS = 15_000

/** While the next case is on its way the one before stays (as placeholder), so that its map need not be built anew. */
export const useCase = (id: Ref<Id | null>) =>
  useQuery({
    queryKey: computed(() => keys.detail(id.value ?? 0)),
    queryFn: () => getCase(id.value ?? 0),
    enabled: computed(() => id.value !== null),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  })

export function useLog(id: Ref<Id>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => keys.log(id.value)),
    queryFn: ({ pageParam }) => getLog(id.value, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: FRESH_MS,
  })
  const entries = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { query, entries }
}

export const useProof = (id: Ref<Id>) =>
  useQuery({ queryKey: computed(() => keys.proof(id.value)), queryFn: () => getProof(id.value), staleTime: FRESH_MS })

export const useNearby = (id: Ref<Id>, enabled: Ref<boolean>) =>
  useQuery({ queryKey: computed(() => keys.nearby(id.value)), queryFn: () => getNearby(id.value), enabled, staleTime: 60_000 })

export const useProposals = (id: Ref<Id>, enabled: Ref<boolean>) =>
  useQuery({ queryKey: computed(() => keys.proposals(id.value)), queryFn: () => getProposals(id.value), enabled, staleTime: 60_000 })
