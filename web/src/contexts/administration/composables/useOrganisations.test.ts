import { describe, expect, it } from 'vitest'
import type { Organisation } from '../api'
import { treeOf } from './useOrganisations'

const row = (id: number, parent_id: number | null) => ({ id, parent_id }) as Organisation

describe('treeOf', () => {
  it('puts children under their parents in the given order', () => {
    const [city] = treeOf([row(1, null), row(3, 1), row(2, 1), row(4, 3)])
    expect(city?.below.map((one) => one.id)).toEqual([3, 2])
    expect(city?.below[0]?.below.map((one) => one.id)).toEqual([4])
  })
  it('shows those at the top whose parent the reader may not see', () => {
    expect(treeOf([row(7, 99), row(8, 7)]).map((one) => one.id)).toEqual([7])
  })
})
