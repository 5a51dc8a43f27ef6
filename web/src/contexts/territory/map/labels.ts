import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { byZoom, FONTS, kindIn, nameIn } from './expressions'
import type { MapPalette } from './palette'

const SHOWN_POIS = ['government', 'townhall', 'station', 'hospital', 'university', 'stadium', 'museum', 'park', 'attraction', 'school', 'mall', 'market', 'marketplace', 'police', 'fire_station', 'place_of_worship', 'hotel', 'ferry_terminal', 'viewpoint', 'monument']

/** Names on the map, in the reader's language. */
export function labels(palette: MapPalette, language: string): LayerSpecification[] {
  const name = nameIn(language)
  const paint = (colour: string, halo = 1.2) => ({ 'text-color': colour, 'text-halo-color': palette.halo, 'text-halo-width': halo })
  const road = (id: string, kinds: string[], from: number): LayerSpecification => ({
    id,
    type: 'symbol',
    source: 'base',
    'source-layer': 'roads',
    minzoom: from,
    filter: kindIn(...kinds),
    layout: { 'symbol-placement': 'line', 'symbol-spacing': 320, 'text-field': name, 'text-font': FONTS, 'text-size': byZoom([13, 10.5], [17, 13]), 'text-letter-spacing': 0.12, 'text-max-angle': 35 },
    paint: paint(palette.text, 1.4),
  })
  const place = (id: string, kinds: string[], from: number, to: number, size: ExpressionSpecification): LayerSpecification => ({
    id,
    type: 'symbol',
    source: 'base',
    'source-layer': 'places',
    minzoom: from,
    maxzoom: to,
    filter: kindIn(...kinds),
    layout: { 'text-field': name, 'text-font': FONTS, 'text-size': size, 'text-letter-spacing': 0.1, 'text-max-width': 8 },
    paint: paint(palette.textStrong, 1.6),
  })
  return [
    { id: 'water-name', type: 'symbol', source: 'base', 'source-layer': 'water', minzoom: 11, filter: ['!=', ['geometry-type'], 'LineString'], layout: { 'text-field': name, 'text-font': FONTS, 'text-size': byZoom([11, 11], [16, 15]), 'text-letter-spacing': 0.3 }, paint: paint(palette.waterText, 1) },
    { id: 'stream-name', type: 'symbol', source: 'base', 'source-layer': 'water', minzoom: 13, filter: ['==', ['geometry-type'], 'LineString'], layout: { 'symbol-placement': 'line', 'text-field': name, 'text-font': FONTS, 'text-size': 12, 'text-letter-spacing': 0.3 }, paint: paint(palette.waterText, 1) },
    road('road-name-small', ['residential', 'service', 'tertiary'], 15),
    road('road-name', ['secondary', 'primary'], 13),
    road('road-name-big', ['trunk', 'motorway'], 12),
    {
      id: 'poi',
      type: 'symbol',
      source: 'base',
      'source-layer': 'pois',
      minzoom: 14,
      filter: ['all', ['<=', ['coalesce', ['get', 'min_zoom'], 14], ['zoom']], ['any', kindIn(...SHOWN_POIS), ['>=', ['zoom'], 17]]],
      layout: { 'text-field': name, 'text-font': FONTS, 'text-size': byZoom([14, 10.5], [18, 12.5]), 'text-max-width': 7, 'text-padding': 6, 'text-optional': true, 'symbol-sort-key': ['coalesce', ['get', 'min_zoom'], 16] },
      paint: paint(palette.text),
    },
    place('place-small', ['community', 'neighbourhood', 'locality'], 14, 18, byZoom([14, 11], [17, 13])),
    place('place-street', ['street', 'town', 'subdistrict'], 13, 15, byZoom([11, 11.5], [15, 15])),
    place('place-district', ['district', 'county'], 8, 13, byZoom([8, 12], [13, 18])),
    place('place-city', ['city'], 4, 10, byZoom([4, 13], [10, 20])),
  ]
}
