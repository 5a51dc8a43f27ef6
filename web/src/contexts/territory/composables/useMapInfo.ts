import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { answer, client } from '@/api'

/** Where a map begins: on the bounds of the city where they are known, else on its centre. */
export interface MapStart {
  centre: [number, number]
  zoom: number
  bounds: [number, number, number, number] | null
}

/** What a map page needs: place, who must be named, outside base maps. */
export function useMapInfo() {
  const query = useQuery({ queryKey: ['territory', 'map'], queryFn: () => answer(client.GET('/api/v1/territory/map')), staleTime: 300_000 })
  const start = computed<MapStart | null>(() => {
    const info = query.data.value
    if (!info) return null
    const [lon = 0, lat = 0] = info.centre
    const [west, south, east, north] = info.bounds ?? []
    const isWhole = west !== undefined && south !== undefined && east !== undefined && north !== undefined
    return { centre: [lon, lat], zoom: info.zoom, bounds: isWhole ? [west, south, east, north] : null }
  })
  return { ...query, start }
}
