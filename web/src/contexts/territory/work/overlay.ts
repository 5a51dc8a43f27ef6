import type { LayerSpecification } from 'maplibre-gl'
import type { Draft, MapFault } from './types'
import { FONTS } from '../map/expressions'
import { gridOverlay, joinOverlays } from '../map/grids'
import type { MapPalette } from '../map/palette'
import { type Overlay, tilesOf } from '../map/style'

type Feature = GeoJSON.Feature
const feature = (geometry: unknown, properties: Record<string, unknown>): Feature => ({ type: 'Feature', geometry: geometry as GeoJSON.Geometry, properties })
const collection = (features: Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features })

function faultOverlay(faults: MapFault[], shown: number | null, palette: MapPalette): Overlay {
  const tone = ['case', ['get', 'grave'], palette.light.red, palette.light.yellow] as unknown as string
  const isShown = ['==', ['get', 'place'], shown ?? -1] as ['==', ['get', string], number]
  const properties = (fault: MapFault) => ({ place: fault.place, grave: fault.grave })
  const areas = faults.filter((fault) => fault.geometry).map((fault) => feature(fault.geometry, properties(fault)))
  const points = faults.filter((fault) => typeof fault.lon === 'number' && typeof fault.lat === 'number').map((fault) => feature({ type: 'Point', coordinates: [fault.lon, fault.lat] }, properties(fault)))
  return {
    sources: { 'fault-areas': { type: 'geojson', data: collection(areas) }, 'fault-points': { type: 'geojson', data: collection(points) } },
    layers: [
      { id: 'fault-fill', type: 'fill', source: 'fault-areas', paint: { 'fill-color': tone, 'fill-opacity': 0.35 } },
      { id: 'fault-line', type: 'line', source: 'fault-areas', paint: { 'line-color': tone, 'line-width': 1.5 } },
      { id: 'fault-shown', type: 'line', source: 'fault-areas', filter: isShown, paint: { 'line-color': palette.light.red, 'line-width': 4 } },
      { id: 'fault-point', type: 'circle', source: 'fault-points', paint: { 'circle-radius': ['case', isShown, 9, 5], 'circle-color': tone, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 1.5 } },
    ],
  }
}

function draftOverlay(draft: Draft, palette: MapPalette): Overlay {
  const chosen = ['in', ['get', 'code'], ['literal', draft.codes]] as unknown as ['==', ['get', string], string]
  const line = draft.line.length > 1 ? [feature({ type: 'LineString', coordinates: draft.line }, {})] : []
  const points = draft.line.map((coordinates) => feature({ type: 'Point', coordinates }, {}))
  const made = draft.made.map((grid) => feature(grid.geometry, { code: grid.code }))
  const layers: LayerSpecification[] = [
    { id: 'draft-chosen', type: 'fill', source: 'grids', 'source-layer': 'grids', filter: chosen, paint: { 'fill-color': palette.chosen, 'fill-opacity': 0.22 } },
    { id: 'draft-chosen-line', type: 'line', source: 'grids', 'source-layer': 'grids', filter: chosen, paint: { 'line-color': palette.chosen, 'line-width': 2.5 } },
    { id: 'draft-made', type: 'line', source: 'made', paint: { 'line-color': palette.light.green, 'line-width': 3.5 } },
    { id: 'draft-line', type: 'line', source: 'cut', paint: { 'line-color': palette.light.red, 'line-width': 2.5, 'line-dasharray': [3, 1.5] } },
    { id: 'draft-points', type: 'circle', source: 'cut-points', paint: { 'circle-radius': 4.5, 'circle-color': palette.light.red, 'circle-stroke-color': palette.rim, 'circle-stroke-width': 1.5 } },
    { id: 'draft-code', type: 'symbol', source: 'made', layout: { 'text-field': ['get', 'code'], 'text-font': FONTS, 'text-size': 12 }, paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 } },
  ]
  return {
    sources: { made: { type: 'geojson', data: collection(made) }, cut: { type: 'geojson', data: collection(line) }, 'cut-points': { type: 'geojson', data: collection(points) } },
    layers,
  }
}

/** Grids in force (of this version of the data), what a check found, and what is being drawn. */
export function workOverlay(wishes: { palette: MapPalette; language: string; version: number; faults: MapFault[]; shown: number | null; draft: Draft }): Overlay {
  const grids = gridOverlay(wishes.palette, null, wishes.language)
  const source = grids.sources.grids
  const fresh = { ...source, tiles: tilesOf('grids').map((url) => `${url}?v=${wishes.version}`) } as typeof source
  return joinOverlays({ ...grids, sources: { grids: fresh } } as Overlay, faultOverlay(wishes.faults, wishes.shown, wishes.palette), draftOverlay(wishes.draft, wishes.palette))
}
