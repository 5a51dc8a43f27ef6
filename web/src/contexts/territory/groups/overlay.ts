import type { LayerSpecification } from 'maplibre-gl'
import type { GroupFault, GroupKind } from './types'
import { FONTS, nameIn } from '../map/expressions'
import { gridOverlay, joinOverlays } from '../map/grids'
import type { MapPalette } from '../map/palette'
import { type Overlay, tilesOf } from '../map/style'

const MAX_ZOOM = 16
type Filter = ['==', ['get', string], string]
const among = (codes: string[]) => ['in', ['get', 'code'], ['literal', codes]] as unknown as Filter

/** Colours of the classes A, B and C. */
export const CLASS_COLOURS = { A: '#c2571a', B: '#2f6fde', C: '#3b8f5a', '': '#8791a1' } as const

/** Areas of management or evaluation grids of this version of the data, by class. */
export function groupOverlay(kind: GroupKind, palette: MapPalette, language: string, version: number): Overlay {
  const source = `${kind}_grids`
  const colour = ['match', ['get', 'area_class'], 'A', CLASS_COLOURS.A, 'B', CLASS_COLOURS.B, 'C', CLASS_COLOURS.C, CLASS_COLOURS['']] as unknown as string
  const layers: LayerSpecification[] = [
    { id: `${kind}-fill`, type: 'fill', source, 'source-layer': source, paint: { 'fill-color': colour, 'fill-opacity': 0.13 } },
    { id: `${kind}-line`, type: 'line', source, 'source-layer': source, paint: { 'line-color': colour, 'line-width': kind === 'evaluation' ? 2.6 : 1.8, 'line-opacity': 0.85 } },
    { id: `${kind}-name`, type: 'symbol', source, 'source-layer': `${kind}_names`, minzoom: kind === 'evaluation' ? 12 : 14, layout: { 'text-field': nameIn(language), 'text-font': FONTS, 'text-size': 12.5 }, paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 } },
  ]
  return { sources: { [source]: { type: 'vector', tiles: tilesOf(source).map((url) => `${url}?v=${version}`), maxzoom: MAX_ZOOM } }, layers }
}

/** Unit grids, the groups, the members of the draft, what is wrong with them, what is not covered. */
export function groupWorkOverlay(wishes: { kind: GroupKind; palette: MapPalette; language: string; versions: Record<string, number>; members: string[]; wrong: string[]; faults: GroupFault[]; shown: string | null }): Overlay {
  const { kind, palette, versions } = wishes
  const version = versions[`${kind}_grids`] ?? 0
  const under = kind === 'evaluation' ? [groupOverlay('management', palette, wishes.language, versions.management_grids ?? 0)] : []
  const member = kind === 'management' ? { source: 'grids', layer: 'grids' } : { source: 'management_grids', layer: 'management_grids' }
  const marked = (id: string, codes: string[], colour: string): LayerSpecification[] => [
    { id: `${id}-fill`, type: 'fill', source: member.source, 'source-layer': member.layer, filter: among(codes), paint: { 'fill-color': colour, 'fill-opacity': 0.3 } },
    { id: `${id}-line`, type: 'line', source: member.source, 'source-layer': member.layer, filter: among(codes), paint: { 'line-color': colour, 'line-width': 2.5 } },
  ]
  const points: GeoJSON.Feature[] = wishes.faults.map((one) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [one.lon, one.lat] }, properties: { code: one.code } }))
  const isShown = ['==', ['get', 'code'], wishes.shown ?? ''] as Filter
  const marks: Overlay = {
    sources: { uncovered: { type: 'geojson', data: { type: 'FeatureCollection', features: points } } },
    layers: [
      ...marked('member', wishes.members, palette.chosen),
      ...marked('wrong', wishes.wrong, palette.light.red),
      { id: 'uncovered', type: 'circle', source: 'uncovered', paint: { 'circle-radius': ['case', isShown, 9, 4.5], 'circle-color': palette.light.red, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 1.5 } },
    ],
  }
  return joinOverlays(gridOverlay(palette, null, wishes.language), ...under, groupOverlay(kind, palette, wishes.language, version), marks)
}
