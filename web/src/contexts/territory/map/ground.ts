import type { LayerSpecification } from 'maplibre-gl'
import { baseOf, byZoom, heightOf, kindIn } from './expressions'
import type { MapPalette } from './palette'

const SOURCE = 'base'
const area = ['==', ['geometry-type'], 'Polygon']
const isArea = area as unknown as ['==', ['geometry-type'], 'Polygon']

const LAND: [name: string, kinds: string[], colour: keyof MapPalette][] = [
  ['living', ['residential'], 'living'],
  ['business', ['commercial', 'retail'], 'business'],
  ['industry', ['industrial', 'railway', 'construction', 'port'], 'industry'],
  ['civic', ['school', 'university', 'hospital', 'civic', 'place_of_worship', 'recreation_ground', 'sports', 'stadium'], 'civic'],
  ['square', ['square', 'pedestrian', 'bridge', 'pier'], 'square'],
  ['farm', ['farmland', 'orchard'], 'farm'],
  ['green', ['park', 'grass', 'garden', 'cemetery', 'golf_course', 'pitch', 'playground', 'nature_reserve', 'scrub', 'wetland'], 'green'],
  ['forest', ['forest', 'wood', 'tree_row'], 'forest'],
]

/** What lies below: land, green, water. */
export function ground(palette: MapPalette): LayerSpecification[] {
  const land = LAND.map(
    ([name, kinds, colour]): LayerSpecification => ({
      id: `land-${name}`,
      type: 'fill',
      source: SOURCE,
      'source-layer': 'landuse',
      filter: ['all', isArea, kindIn(...kinds)],
      paint: { 'fill-color': palette[colour] as string },
    }),
  )
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
    ...land,
    { id: 'water', type: 'fill', source: SOURCE, 'source-layer': 'water', filter: isArea, paint: { 'fill-color': palette.water } },
    { id: 'water-edge', type: 'line', source: SOURCE, 'source-layer': 'water', filter: isArea, minzoom: 12, paint: { 'line-color': palette.waterLine, 'line-width': 0.8 } },
    {
      id: 'stream',
      type: 'line',
      source: SOURCE,
      'source-layer': 'water',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': palette.water, 'line-width': byZoom([8, 0.6], [13, 1.5], [17, 8]) },
    },
  ]
}

/** Houses: flat from afar and where depth is not wanted, raised to their height on the map page. */
export function buildings(palette: MapPalette, raised: boolean): LayerSpecification[] {
  const flat: LayerSpecification = {
    id: 'building',
    type: 'fill',
    source: SOURCE,
    'source-layer': 'buildings',
    minzoom: 13,
    ...(raised ? { maxzoom: 15 } : {}),
    filter: isArea,
    paint: { 'fill-color': palette.building, 'fill-outline-color': palette.buildingLine, 'fill-opacity': byZoom([13, 0.4], [14, 1]) },
  }
  const block: LayerSpecification = {
    id: 'building-raised',
    type: 'fill-extrusion',
    source: SOURCE,
    'source-layer': 'buildings',
    minzoom: 15,
    filter: isArea,
    paint: {
      'fill-extrusion-color': ['interpolate', ['linear'], heightOf, 0, palette.building, 80, palette.block],
      'fill-extrusion-height': ['interpolate', ['linear'], ['zoom'], 15, 0, 15.6, heightOf],
      'fill-extrusion-base': baseOf,
      'fill-extrusion-opacity': 0.88,
      'fill-extrusion-vertical-gradient': true,
    },
  }
  return raised ? [flat, block] : [flat]
}
