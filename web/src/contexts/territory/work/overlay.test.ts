import { describe, expect, it } from 'vitest'
import { workOverlay } from './overlay'
import type { MapFault } from './types'
import { lightMap } from '../map/palette'

const fault = (place: number, more: Partial<MapFault>): MapFault => ({ place, grave: true, index: place, code: '1', reason: 'overlap', detail: '', zh: '', en: '', lon: null, lat: null, geometry: null, ...more })
const overlay = (faults: MapFault[], line: [number, number][] = []) =>
  workOverlay({ palette: lightMap, language: 'en', version: 7, faults, shown: null, draft: { codes: ['a'], line, made: [] } })
const features = (of: ReturnType<typeof overlay>, source: string) => (of.sources[source] as unknown as { data: GeoJSON.FeatureCollection }).data.features

describe('the map of work on grids', () => {
  it('asks for tiles of the present version, so that a split is seen at once', () => {
    expect(JSON.stringify(overlay([]).sources.grids)).toContain('.mvt?v=7')
  })
  it('draws each fault where it is known to lie', () => {
    const shape = { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] }
    const drawn = overlay([fault(0, { lon: 1, lat: 2, geometry: shape }), fault(1, { lon: 3, lat: 4, grave: false }), fault(2, {})])
    expect(features(drawn, 'fault-areas').map((one) => one.properties?.place)).toEqual([0])
    expect(features(drawn, 'fault-points').map((one) => [one.properties?.place, one.properties?.grave])).toEqual([[0, true], [1, false]])
  })
  it('draws a cut from its second point on', () => {
    expect(features(overlay([], [[1, 1]]), 'cut')).toEqual([])
    expect(features(overlay([], [[1, 1], [2, 2]]), 'cut')).toHaveLength(1)
    expect(features(overlay([], [[1, 1], [2, 2]]), 'cut-points')).toHaveLength(2)
  })
})
