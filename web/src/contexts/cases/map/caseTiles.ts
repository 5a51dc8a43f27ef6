import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { byZoom, FONTS, type MapPalette, type Overlay, tilesOf } from '@/contexts/territory/map'
import { lightColour } from './marks'

export const CASE_LAYERS = ['case-dot', 'case-cluster']
/** Nearer than this the tiles hold single cases, farther away sums. */
const SINGLE_FROM = 13

export interface CaseLayerWishes {
  /** the list's filters: the platform leaves out what they exclude, also from the sums */
  words: Readonly<Record<string, string>>
  heat: boolean
}

/** The address of the tiles, with the filters in a steady order. */
export function caseTiles(words: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(words).filter(([, value]) => value).sort(([a], [b]) => a.localeCompare(b))
  const query = new URLSearchParams(given).toString()
  return tilesOf('cases').map((address) => (query ? `${address}?${query}` : address))
}

const count: ExpressionSpecification = ['coalesce', ['get', 'count'], 1]
const isSum: ExpressionSpecification = ['has', 'count']
const red: ExpressionSpecification = ['coalesce', ['get', 'red'], 0]
const late: ExpressionSpecification = ['+', red, ['coalesce', ['get', 'yellow'], 0]]
/** A sum is red where a third of it is overdue, amber where a third is late or nearly so. */
const mood = (palette: MapPalette): ExpressionSpecification => [
  'case', ['>=', ['*', 3, red], count], palette.light.red, ['>=', ['*', 3, late], count], palette.light.yellow, palette.light.green,
]

/** Cases by the colour of their light: dots near, sums with their number far. */
export function caseOverlay(palette: MapPalette, wishes: CaseLayerWishes): Overlay {
  const shown: ExpressionSpecification = ['!', isSum]
  const base = { source: 'cases', 'source-layer': 'cases' }
  const sums: LayerSpecification[] = [
    { id: 'case-cluster', type: 'circle', ...base, filter: isSum, paint: { 'circle-radius': ['interpolate', ['linear'], ['sqrt', count], 1, 11, 10, 20, 50, 34], 'circle-color': mood(palette), 'circle-opacity': 0.85, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 2 } },
    { id: 'case-cluster-count', type: 'symbol', ...base, filter: isSum, layout: { 'text-field': ['to-string', count], 'text-font': FONTS, 'text-size': 12.5, 'text-allow-overlap': true }, paint: { 'text-color': '#ffffff' } },
  ]
  const singles: LayerSpecification[] = [
    { id: 'case-urgent', type: 'circle', ...base, filter: ['all', shown, ['==', ['get', 'urgent'], true]], paint: { 'circle-radius': byZoom([13, 9], [18, 18]), 'circle-color': palette.light.red, 'circle-opacity': 0.2 } },
    { id: 'case-dot', type: 'circle', ...base, filter: shown, paint: { 'circle-radius': byZoom([13, 4.5], [16, 7], [18, 10]), 'circle-color': lightColour(palette), 'circle-stroke-color': palette.rim, 'circle-stroke-width': byZoom([13, 1], [17, 2]) } },
  ]
  const heat: LayerSpecification[] = wishes.heat
    ? [{ id: 'case-heat', type: 'heatmap', ...base, paint: { 'heatmap-weight': ['min', 1, ['/', count, 8]], 'heatmap-intensity': byZoom([8, 0.8], [16, 2]), 'heatmap-radius': byZoom([8, 26], [13, 46], [17, 70]), 'heatmap-opacity': 0.75 } }]
    : []
  // Under the heat the sums would hide what it shows.
  if (wishes.heat) return { sources: { cases: { type: 'vector', tiles: caseTiles(wishes.words), maxzoom: 16 } }, layers: [...heat, ...singles] }
  return {
    sources: { cases: { type: 'vector', tiles: caseTiles(wishes.words), maxzoom: 16 } },
    layers: [...sums, ...singles],
  }
}
export { SINGLE_FROM }

/** A ring around the chosen case. */
export function chosenOverlay(palette: MapPalette, at: { lon: number; lat: number } | null): Overlay {
  const features: GeoJSON.Feature[] = at ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [at.lon, at.lat] }, properties: {} }] : []
  return {
    sources: { chosen: { type: 'geojson', data: { type: 'FeatureCollection', features } } },
    layers: [{ id: 'chosen-ring', type: 'circle', source: 'chosen', paint: { 'circle-radius': 15, 'circle-color': palette.chosen, 'circle-opacity': 0.15, 'circle-stroke-color': palette.chosen, 'circle-stroke-width': 2.5 } }],
  }
}
