import { describe, expect, it } from 'vitest'
import { codeOf, colourOf, thematicOverlay } from './overlay'
import type { MyLayer } from './types'
import { lightMap } from '../map/palette'

const style = { fill: true, line: true, circle: true, colour: '#111111', outline: '#222222', width: 1, radius: 5, opacity: 0.5, label: '', min_zoom: 3, max_zoom: 20, graduated: null }
const layer = (more: Partial<MyLayer>) => ({ code: 'wells', kind: 'vector', url: '/tiles/thematic/{z}/{x}/{y}.mvt?layer=wells', source: 'file', source_layer: 'thematic', min_zoom: 0, max_zoom: 16, style, attribution: '', ...more }) as MyLayer

describe('layers over the base map', () => {
  it('draws areas, lines and points of one source, and a label only where one is named', () => {
    const ids = thematicOverlay([layer({})], lightMap).layers.map((one) => one.id)
    expect(ids).toEqual(['thematic-wells-fill', 'thematic-wells-line', 'thematic-wells-circle'])
    expect(ids.map(codeOf)).toEqual(['wells', 'wells', 'wells'])
    const named = thematicOverlay([layer({ style: { ...style, fill: false, label: 'name' } })], lightMap).layers.map((one) => one.id)
    expect(named).toEqual(['thematic-wells-line', 'thematic-wells-circle', 'thematic-wells-label'])
  })

  it('orders the steps of a graduated colour and reads the value that own tiles carry', () => {
    const graduated = { attribute: 'depth', other: '#000000', steps: [{ from_value: 10, colour: '#bbbbbb' }, { from_value: 0, colour: '#aaaaaa' }] }
    const value = ['get', 'value']
    expect(colourOf(layer({ style: { ...style, graduated } }))).toEqual(['case', ['==', ['typeof', value], 'number'], ['step', value, '#000000', 0, '#aaaaaa', 10, '#bbbbbb'], '#000000'])
    expect(colourOf(layer({ source: 'vector_tiles', style: { ...style, graduated } }))).toContainEqual(['==', ['typeof', ['get', 'depth']], 'number'])
  })

  it('asks one host of a service with several', () => {
    const { sources, layers } = thematicOverlay([layer({ code: 'air', kind: 'raster', source: 'xyz', url: 'https://{s}.example/{z}/{x}/{y}.png' })], lightMap)
    expect(sources['thematic-air']).toMatchObject({ type: 'raster', tiles: ['https://a.example/{z}/{x}/{y}.png'] })
    expect(layers).toHaveLength(1)
  })
})
