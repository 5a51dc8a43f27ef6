import { describe, expect, it } from 'vitest'
import { lightMap } from '@/contexts/territory/map/palette'
import { caseOverlay, caseTiles } from './caseTiles'

const path = (words: Record<string, string>) => caseTiles(words)[0]?.replace(/^https?:\/\/[^/]+/, '')

describe('caseTiles', () => {
  it('asks the platform to leave out what the filters exclude', () => {
    expect(path({})).toBe('/tiles/cases/{z}/{x}/{y}.mvt')
    expect(path({ state: 'filed,dispatched', class: '06', source: '' })).toBe('/tiles/cases/{z}/{x}/{y}.mvt?class=06&state=filed%2Cdispatched')
  })
  it('has one address whatever the order of the words', () => {
    expect(path({ a: '1', b: '2' })).toBe(path({ b: '2', a: '1' }))
  })
})

describe('caseOverlay', () => {
  const names = (heat: boolean) => caseOverlay(lightMap, { words: {}, heat }).layers.map((layer) => layer.id)
  it('shows sums far away, or the heat in their place', () => {
    expect(names(false)).toContain('case-cluster')
    expect(names(true)).toEqual(['case-heat', 'case-urgent', 'case-dot'])
  })
})
