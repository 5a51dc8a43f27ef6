import { useQuery } from '@tanstack/vue-query'
import { answer, client } from '@/api'

/** This node: name, place on the map, base maps. */
export const useNode = () => useQuery({ queryKey: ['node'], queryFn: () => answer(client.GET('/api/v1/node')), staleTime: 300_000 })
