import type { ExpressionSpecification } from 'maplibre-gl'
import type { MapPalette, Overlay } from '@/contexts/territory/map'
import type { CensusTask } from '../shapes'

/** Fills grids by the state of their task; a community's task fills all its grids. Needs the source of the grids. */
export function censusOverlay(palette: MapPalette, tasks: Pick<CensusTask, 'area_code' | 'state'>[]): Overlay {
  if (!tasks.length) return { sources: {}, layers: [] }
  const colours = { assigned: palette.light.none, collecting: palette.light.yellow, returned: palette.light.red, submitted: palette.chosen, accepted: palette.light.green }
  const digits = tasks[0]?.area_code.length ?? 0
  const pairs = tasks.flatMap((task) => [task.area_code, colours[task.state]])
  const colour = ['match', ['slice', ['to-string', ['get', 'code']], 0, digits], ...pairs, 'rgba(0,0,0,0)'] as unknown as ExpressionSpecification
  return { sources: {}, layers: [{ id: 'census-area', type: 'fill', source: 'grids', 'source-layer': 'grids', minzoom: 13, paint: { 'fill-color': colour, 'fill-opacity': 0.35 } }] }
}

/** Fills the grids that lie in chosen areas, and the chosen grids. Needs the source of the grids. */
export function chosenAreas(palette: MapPalette, codes: string[]): Overlay {
  if (!codes.length) return { sources: {}, layers: [] }
  const isInside = ['any', ...codes.map((code) => ['==', ['slice', ['to-string', ['get', 'code']], 0, code.length], code])] as unknown as ['==', ['get', string], string]
  const base = { source: 'grids', 'source-layer': 'grids', minzoom: 13, filter: isInside }
  const afar = { source: 'grids', 'source-layer': 'areas', maxzoom: 13, filter: isInside }
  return { sources: {}, layers: [{ id: 'census-chosen-afar', type: 'fill', ...afar, paint: { 'fill-color': palette.chosen, 'fill-opacity': 0.12 } }, { id: 'census-chosen', type: 'fill', ...base, paint: { 'fill-color': palette.chosen, 'fill-opacity': 0.3 } }, { id: 'census-chosen-line', type: 'line', ...base, paint: { 'line-color': palette.chosen, 'line-width': 1.6 } }] }
}
