import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { byZoom, FONTS, type MapPalette, type Overlay, tilesOf } from '@/contexts/territory/map'

export const COMPONENT_LAYERS = ['component-dot', 'component-sum', 'component-line']
const MAX_ZOOM = 17

/** The address of the tiles, with the filters in a steady order. */
export function componentTiles(words: Readonly<Record<string, string | undefined>>): string[] {
  const given = Object.entries(words).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])).sort(([a], [b]) => a.localeCompare(b))
  const query = new URLSearchParams(given).toString()
  return tilesOf('components').map((address) => (query ? `${address}?${query}` : address))
}

const count: ExpressionSpecification = ['coalesce', ['get', 'count'], 1]
const isSum: ExpressionSpecification = ['has', 'count']
const colour = (palette: MapPalette): ExpressionSpecification => ['match', ['get', 'state'], 'intact', palette.light.green, 'lost', palette.light.red, ['disused', 'removed'], palette.light.none, palette.light.yellow]

/** Components by the colour of their state: dots, lines and areas near, sums with their number far. */
export function componentOverlay(palette: MapPalette, words: Readonly<Record<string, string | undefined>>): Overlay {
  const base = { source: 'components', 'source-layer': 'components' }
  const shapes = { source: 'components', 'source-layer': 'component_shapes' }
  const layers: LayerSpecification[] = [
    { id: 'component-area', type: 'fill', ...shapes, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour(palette), 'fill-opacity': 0.18 } },
    { id: 'component-line', type: 'line', ...shapes, paint: { 'line-color': colour(palette), 'line-width': byZoom([15, 1.5], [18, 4]) } },
    { id: 'component-sum', type: 'circle', ...base, filter: isSum, paint: { 'circle-radius': ['interpolate', ['linear'], ['log10', count], 0, 10, 3, 22, 6, 36], 'circle-color': palette.chosen, 'circle-opacity': 0.8, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 2 } },
    { id: 'component-sum-count', type: 'symbol', ...base, filter: isSum, layout: { 'text-field': ['to-string', count], 'text-font': FONTS, 'text-size': 12, 'text-allow-overlap': true }, paint: { 'text-color': '#ffffff' } },
    { id: 'component-dot', type: 'circle', ...base, filter: ['!', isSum], paint: { 'circle-radius': byZoom([15, 3.5], [17, 6], [19, 9]), 'circle-color': colour(palette), 'circle-stroke-color': palette.rim, 'circle-stroke-width': 1.2 } },
    { id: 'component-name', type: 'symbol', ...base, minzoom: 18, filter: ['!', isSum], layout: { 'text-field': ['get', 'name'], 'text-font': FONTS, 'text-size': 11, 'text-offset': [0, 1.2], 'text-anchor': 'top' }, paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.3 } },
  ]
  return { sources: { components: { type: 'vector', tiles: componentTiles(words), maxzoom: MAX_ZOOM } }, layers }
}

/** A ring around one component, and its line or area. */
export function oneOverlay(palette: MapPalette, at: { lon: number; lat: number; shape?: Record<string, unknown> | null } | null): Overlay {
  const features: GeoJSON.Feature[] = at ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: [at.lon, at.lat] }, properties: {} }] : []
  if (at?.shape) features.push({ type: 'Feature', geometry: at.shape, properties: {} } as unknown as GeoJSON.Feature)
  return {
    sources: { one: { type: 'geojson', data: { type: 'FeatureCollection', features } } },
    layers: [
      { id: 'one-line', type: 'line', source: 'one', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': palette.chosen, 'line-width': 4 } },
      { id: 'one-ring', type: 'circle', source: 'one', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 14, 'circle-color': palette.chosen, 'circle-opacity': 0.15, 'circle-stroke-color': palette.chosen, 'circle-stroke-width': 2.5 } },
    ],
  }
}
