import type { LayerSpecification } from 'maplibre-gl'
import { FONTS, nameIn } from './expressions'
import type { Overlay } from './style'
import { tilesOf } from './style'
import type { MapPalette } from './palette'

const GRID_MAX_ZOOM = 16

/** Outlines and names of the divisions afar, unit grids near; `chosen` is the code of the grid to stand out. */
export function gridOverlay(palette: MapPalette, chosen: string | null, language = 'zh-CN'): Overlay {
  const isChosen = ['==', ['get', 'code'], chosen ?? ''] as ['==', ['get', string], string]
  const border = (id: string, level: string, width: number, from: number): LayerSpecification => ({
    id, type: 'line', source: 'grids', 'source-layer': 'areas', minzoom: from, filter: ['==', ['get', 'level'], level],
    paint: { 'line-color': palette.grid, 'line-width': width, 'line-opacity': 0.45 },
  })
  const every: LayerSpecification[] = [
    border('area-community', 'community', 0.8, 12),
    border('area-street', 'street', 1.4, 10),
    border('area-county', 'county', 2.2, 4),
    { id: 'area-name', type: 'symbol', source: 'grids', 'source-layer': 'area_names', maxzoom: 13, layout: { 'text-field': nameIn(language), 'text-font': FONTS, 'text-size': ['match', ['get', 'level'], 'county', 16, 12.5], 'text-letter-spacing': 0.1 }, paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 } },
    { id: 'grid-line', type: 'line', source: 'grids', 'source-layer': 'grids', minzoom: 13, paint: { 'line-color': palette.grid, 'line-width': 1, 'line-opacity': 0.35, 'line-dasharray': [5, 4] } },
    { id: 'grid-code', type: 'symbol', source: 'grids', 'source-layer': 'grids', minzoom: 17, layout: { 'text-field': ['get', 'code'], 'text-font': FONTS, 'text-size': 10.5 }, paint: { 'text-color': palette.grid, 'text-halo-color': palette.halo, 'text-halo-width': 1.2, 'text-opacity': 0.8 } },
  ]
  return {
    sources: { grids: { type: 'vector', tiles: tilesOf('grids'), maxzoom: GRID_MAX_ZOOM } },
    layers: [
      ...every,
      { id: 'grid-chosen', type: 'fill', source: 'grids', 'source-layer': 'grids', filter: isChosen, paint: { 'fill-color': palette.chosen, 'fill-opacity': 0.09 } },
      { id: 'grid-chosen-line', type: 'line', source: 'grids', 'source-layer': 'grids', filter: isChosen, paint: { 'line-color': palette.chosen, 'line-width': 2, 'line-dasharray': [4, 2] } },
    ],
  }
}

export const joinOverlays = (...overlays: Overlay[]): Overlay => ({
  sources: Object.assign({}, ...overlays.map((overlay) => overlay.sources)) as Overlay['sources'],
  layers: overlays.flatMap((overlay) => overlay.layers),
})
