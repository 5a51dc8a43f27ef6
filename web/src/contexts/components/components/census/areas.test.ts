import { describe, expect, it } from 'vitest'
import { gridsIn, toggled } from './areas'

const area = (code: string, grids = 1) => ({ code, label: code, grids })

describe('toggled', () => {
  it('takes in and out', () => {
    const one = toggled([], area('330199001001001'))
    expect(one.map((found) => found.code)).toEqual(['330199001001001'])
    expect(toggled(one, area('330199001001001'))).toEqual([])
  })
  it('keeps no part beside the whole, so that no area is counted twice', () => {
    const parts = [area('330199001001', 6), area('330199002001', 4), area('330199001002001')]
    const whole = toggled(parts, area('330199001', 12))
    expect(whole.map((found) => found.code)).toEqual(['330199002001', '330199001'])
    expect(gridsIn(whole)).toBe(16)
    expect(toggled(whole, area('330199001001'))).toEqual(whole)
  })
})
