import { describe, expect, it } from 'vitest'
import { lightMap } from '@/contexts/territory/map/palette'
import { componentOverlay, componentTiles, oneOverlay } from './componentTiles'

const path = (words: Record<string, string>) => componentTiles(words)[0]?.replace(/^https?:\/\/[^/]+/, '')

describe('componentTiles', () => {
  it('asks the platform to leave out what the filters exclude', () => {
    expect(path({})).toBe('/tiles/components/{z}/{x}/{y}.mvt')
    expect(path({ type: '01003', state: 'lost', grid: '' })).toBe('/tiles/components/{z}/{x}/{y}.mvt?state=lost&type=01003')
  })
})

describe('overlays', () => {
  it('draws lines and areas under the points', () => {
    expect(componentOverlay(lightMap, {}).layers.map((layer) => layer.id).slice(0, 2)).toEqual(['component-area', 'component-line'])
  })
  it('marks nothing without a component', () => {
    expect(oneOverlay(lightMap, null).sources.one).toMatchObject({ data: { features: [] } })
  })
})
