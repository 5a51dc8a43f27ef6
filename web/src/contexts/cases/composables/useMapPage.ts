import { useThrottleFn } from '@vueuse/core'
import type { Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import { computed, onUnmounted, reactive, shallowRef, type ShallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Id, Light } from '@/api'
import { type MapStart, useMapInfo, useMyLayers } from '@/contexts/territory'
import { gridOverlay, joinOverlays, paletteOf, showFeature, thematicOverlay } from '@/contexts/territory/map'
import { useLive } from '@/live/store'
import { usePreferences } from '@/session/preferences'
import { CASE_LAYERS, caseOverlay, chosenOverlay } from '../map/caseTiles'
import { type FilterName, useFilters } from './filters'
import { useCase } from './useCase'
import { useWords } from '@/ui/words'

export const MAP_LIGHTS: readonly Light[] = ['green', 'yellow', 'red', 'none']
/** What narrows the map beside the legend's lights. */
export const MAP_FILTERS: readonly FilterName[] = ['state', 'source', 'kind', 'class', 'district', 'street', 'community', 'urgent', 'reported_from', 'reported_to']
/** Tiles are fetched again at most this often while others work. */
const REFRESH_MS = 1500
const NEAR = 16
const KEPT_AS = 'chengyun.map'

interface Camera {
  centre: [number, number]
  zoom: number
}

/** The map page: what is shown, which case is open, and keeping the marks true while others work. */
export function useMapPage() {
  const route = useRoute()
  const router = useRouter()
  const preferences = usePreferences()
  const { data: info, start: cityStart, error, refetch } = useMapInfo()
  const map = shallowRef<MapLibre | null>(null)
  const { filters, replace } = useFilters()
  const mine = useMyLayers()
  const { word } = useWords()
  const shown = reactive({ lights: [...MAP_LIGHTS], cases: true, grids: true, raised: true, heat: false, base: '', theme: 'auto' as 'auto' | 'light' | 'dark' })

  const chosen = computed<Id | null>(() => Number(route.query.case) || null)
  const { data: found, isPlaceholderData } = useCase(chosen)
  const openCase = computed(() => (isPlaceholderData.value ? undefined : found.value))
  const dark = computed(() => (shown.theme === 'auto' ? preferences.dark : shown.theme === 'dark'))
  const baseMap = computed(() => info.value?.base_maps.find((one) => one.code === shown.base) ?? null)
  const start = computed<MapStart | null>(() => {
    const kept = keptCamera()
    return kept ? { ...kept, bounds: null } : cityStart.value
  })
  const place = computed(() => {
    const one = openCase.value
    return chosen.value !== null && one && one.lon !== null && one.lat !== null ? { lon: one.lon, lat: one.lat } : null
  })
  /** The words of the list behind what is on the map. */
  const words = computed(() => {
    const narrowed = Object.fromEntries(Object.entries(filters.value).filter(([name]) => MAP_FILTERS.includes(name as FilterName)))
    return shown.lights.length < MAP_LIGHTS.length ? { ...narrowed, light: shown.lights.join(',') } : narrowed
  })
  const overlay = computed(() => {
    const palette = paletteOf(dark.value)
    const parts = [chosenOverlay(palette, place.value)]
    if (shown.cases && shown.lights.length) parts.unshift(caseOverlay(palette, { words: words.value, heat: shown.heat }))
    if (shown.grids) parts.unshift(gridOverlay(palette, openCase.value && chosen.value ? openCase.value.grid_code : null, preferences.language))
    parts.unshift(thematicOverlay(mine.on.value, palette))
    return joinOverlays(...parts)
  })

  const open = (id: Id | null) => router.push({ query: { ...route.query, case: id === null ? undefined : String(id) } })
  function press(event: MapMouseEvent) {
    const layers = CASE_LAYERS.filter((layer) => event.target.getLayer(layer))
    const [hit] = event.target.queryRenderedFeatures([[event.point.x - 4, event.point.y - 4], [event.point.x + 4, event.point.y + 4]], { layers })
    if (!hit) return void showFeature(event, mine.on.value, word)
    const id: unknown = hit.properties.id
    if (typeof id === 'number') void open(id)
    else event.target.easeTo({ center: event.lngLat, zoom: event.target.getZoom() + 2 })
  }
  function ready(made: MapLibre) {
    map.value = made
    pointAtCases(made)
    flyTo()
  }
  function flyTo() {
    if (place.value && map.value && !map.value.getBounds().contains([place.value.lon, place.value.lat])) map.value.easeTo({ center: [place.value.lon, place.value.lat], zoom: Math.max(NEAR, map.value.getZoom()) })
  }
  const moved = (now: MapLibre) => {
    const { lng, lat } = now.getCenter()
    sessionStorage.setItem(KEPT_AS, JSON.stringify({ centre: [lng, lat], zoom: now.getZoom() }))
  }
  watch(place, flyTo)
  refreshWhileLive(map)
  return { info, error, refetch, shown, filters, words, mine, narrow: replace, dark, baseMap, start, overlay, chosen, open, press, ready, moved, fly: (to: { lon: number; lat: number }) => map.value?.jumpTo({ center: [to.lon, to.lat], zoom: NEAR }) }
}

function pointAtCases(map: MapLibre) {
  for (const layer of CASE_LAYERS) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'))
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''))
  }
}

/** Fetch the marks again when others change cases. */
function refreshWhileLive(map: ShallowRef<MapLibre | null>) {
  const refresh = useThrottleFn(() => {
    if (map.value?.getSource('cases')) map.value.refreshTiles('cases')
  }, REFRESH_MS, true)
  const stop = useLive().listen((event) => {
    if (event.kind.startsWith('case.')) void refresh()
  })
  onUnmounted(stop)
}

/** Where this desk last looked. */
function keptCamera(): Camera | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? 'null')
    return kept && typeof kept === 'object' && 'centre' in kept && 'zoom' in kept ? (kept as Camera) : null
  } catch {
    return null
  }
}
