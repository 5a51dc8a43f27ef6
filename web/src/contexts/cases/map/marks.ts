import type { ExpressionSpecification } from 'maplibre-gl'
import type { CaseDetail, NearbyCase } from '@/api'
import type { MapPalette, Overlay } from '@/contexts/territory/map'

export const lightColour = (palette: MapPalette): ExpressionSpecification => [
  'match', ['get', 'light'], 'green', palette.light.green, 'yellow', palette.light.yellow, 'red', palette.light.red, palette.light.none,
]

const point = (lon: number, lat: number, properties: Record<string, unknown>): GeoJSON.Feature => ({
  type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties,
})

/** One case among its neighbours: itself large, open ones coloured, past ones hollow. */
export function nearbyOverlay(palette: MapPalette, of: Pick<CaseDetail, 'lon' | 'lat' | 'light'>, nearby: NearbyCase[]): Overlay {
  const here = of.lon !== null && of.lat !== null ? [point(of.lon, of.lat, { role: 'here', light: of.light })] : []
  const others = nearby.map((other) => point(other.lon, other.lat, { role: other.open ? 'open' : 'past', light: other.light, id: other.id }))
  const role = (name: string): ['==', ['get', string], string] => ['==', ['get', 'role'], name]
  const colour = lightColour(palette)
  return {
    sources: { marks: { type: 'geojson', data: { type: 'FeatureCollection', features: [...others, ...here] } } },
    layers: [
      { id: 'mark-past', type: 'circle', source: 'marks', filter: role('past'), paint: { 'circle-radius': 4, 'circle-color': palette.halo, 'circle-stroke-color': palette.light.none, 'circle-stroke-width': 1.5, 'circle-opacity': 0.7 } },
      { id: 'mark-open', type: 'circle', source: 'marks', filter: role('open'), paint: { 'circle-radius': 5, 'circle-color': colour, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 1.5 } },
      { id: 'mark-halo', type: 'circle', source: 'marks', filter: role('here'), paint: { 'circle-radius': 17, 'circle-color': colour, 'circle-opacity': 0.22 } },
      { id: 'mark-here', type: 'circle', source: 'marks', filter: role('here'), paint: { 'circle-radius': 7.5, 'circle-color': colour, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 2.5 } },
    ],
  }
}
