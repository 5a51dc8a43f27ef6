import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import type { MyLayer } from './types'
import { answer, client } from '@/api'

const KEY = ['territory', 'my-layers']

/** The layers that I may see, which of them are on, and switching one, which is remembered for me. */
export function useMyLayers() {
  const queries = useQueryClient()
  const { data } = useQuery({ queryKey: KEY, queryFn: () => answer(client.GET('/api/v1/territory/thematic-layers')), staleTime: 60_000 })
  const layers = computed<MyLayer[]>(() => data.value ?? [])
  const on = computed(() => layers.value.filter((layer) => layer.on))
  async function choose(code: string, shown: boolean) {
    queries.setQueryData<MyLayer[]>(KEY, (before) => before?.map((one) => (one.code === code ? { ...one, on: shown } : one)))
    try {
      await answer(client.PUT('/api/v1/territory/thematic-layers/{code}/choice', { params: { path: { code } }, body: { shown } }))
    } catch {
      await queries.invalidateQueries({ queryKey: KEY })
    }
  }
  return { layers, on, choose }
}
