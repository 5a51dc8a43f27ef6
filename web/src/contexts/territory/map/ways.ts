import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { byZoom, kindIn } from './expressions'
import type { MapPalette } from './palette'

interface Way {
  name: string
  kinds: string[]
  from: number
  width: ExpressionSpecification
  highway?: boolean
}

/** Small ones first: later layers lie above. */
const WAYS: Way[] = [
  { name: 'service', kinds: ['service'], from: 15, width: byZoom([15, 1], [18, 7]) },
  { name: 'lane', kinds: ['residential', 'unclassified', 'living_street'], from: 13, width: byZoom([13, 0.8], [15, 3], [18, 14]) },
  { name: 'tertiary', kinds: ['tertiary'], from: 12, width: byZoom([12, 0.8], [15, 4.5], [18, 18]) },
  { name: 'secondary', kinds: ['secondary'], from: 11, width: byZoom([11, 0.8], [14, 3.5], [18, 22]) },
  { name: 'primary', kinds: ['primary'], from: 9, width: byZoom([9, 0.8], [13, 3], [18, 26]) },
  { name: 'trunk', kinds: ['trunk'], from: 7, width: byZoom([7, 0.8], [13, 3.5], [18, 28]), highway: true },
  { name: 'motorway', kinds: ['motorway'], from: 5, width: byZoom([5, 0.8], [13, 4], [18, 30]), highway: true },
]
const wider = (width: ExpressionSpecification): ExpressionSpecification => {
  const [head, curve, input, ...stops] = width as unknown as [string, unknown, unknown, ...number[]]
  const cased = stops.map((value, index) => (index % 2 ? value + 1.6 : value))
  return [head, curve, input, ...cased] as unknown as ExpressionSpecification
}
const of = (way: Way, part: 'case' | 'fill', palette: MapPalette): LayerSpecification => ({
  id: `road-${way.name}-${part}`,
  type: 'line',
  source: 'base',
  'source-layer': 'roads',
  minzoom: part === 'case' ? Math.max(way.from, 12) : way.from,
  filter: kindIn(...way.kinds),
  layout: { 'line-cap': 'round', 'line-join': 'round' },
  paint:
    part === 'case'
      ? { 'line-color': way.highway ? palette.highwayCase : palette.roadCase, 'line-width': wider(way.width) }
      : { 'line-color': way.highway ? palette.highway : palette.road, 'line-width': way.width },
})

/** Roads with their edges, paths, rails and borders. */
export function ways(palette: MapPalette): LayerSpecification[] {
  return [
    { id: 'path', type: 'line', source: 'base', 'source-layer': 'roads', minzoom: 15, filter: kindIn('path', 'footway', 'cycleway', 'pedestrian'), paint: { 'line-color': palette.path, 'line-width': byZoom([15, 0.8], [18, 3]), 'line-dasharray': [3, 1.5] } },
    ...WAYS.map((way) => of(way, 'case', palette)),
    ...WAYS.map((way) => of(way, 'fill', palette)),
    { id: 'rail', type: 'line', source: 'base', 'source-layer': 'roads', minzoom: 11, filter: kindIn('rail'), paint: { 'line-color': palette.rail, 'line-width': byZoom([11, 0.8], [17, 3]) } },
    { id: 'transit', type: 'line', source: 'base', 'source-layer': 'transit', minzoom: 12, filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': ['coalesce', ['get', 'colour'], palette.transit], 'line-width': byZoom([12, 0.8], [17, 2.5]), 'line-opacity': 0.45, 'line-dasharray': [4, 2] } },
    { id: 'ferry', type: 'line', source: 'base', 'source-layer': 'roads', minzoom: 12, filter: kindIn('ferry'), paint: { 'line-color': palette.waterText, 'line-width': 1, 'line-opacity': 0.5, 'line-dasharray': [2, 3] } },
    { id: 'border', type: 'line', source: 'base', 'source-layer': 'boundaries', filter: kindIn('province', 'city', 'county', 'district'), paint: { 'line-color': palette.border, 'line-width': byZoom([6, 0.8], [14, 2]), 'line-dasharray': [4, 2, 1, 2], 'line-opacity': 0.8 } },
    { id: 'border-street', type: 'line', source: 'base', 'source-layer': 'boundaries', minzoom: 12, filter: kindIn('street'), paint: { 'line-color': palette.border, 'line-width': 0.8, 'line-dasharray': [3, 3], 'line-opacity': 0.5 } },
  ]
}
