import { describe, expect, it } from 'vitest'
import { asAttributes, asValues, fieldsOf } from './attributeFields'
import type { Attribute } from '../shapes'

const names = { word: (row: { zh: string; en?: string }) => row.en ?? row.zh, yes: 'Yes', no: 'No' }
const made = (given: Partial<Attribute>): Attribute => ({ id: 1, type_code: '', name: 'x', zh: '某', en: 'X', kind: 'text', unit: '', choices: [], minimum: null, maximum: null, sort: 0, required: false, active: true, ...given })
const depth = made({ name: 'depth', en: 'Depth', kind: 'decimal', unit: 'm', minimum: 0, maximum: 50, required: true })
const net = made({ name: 'net', en: 'Net', kind: 'boolean' })
const old = made({ name: 'old', active: false })

describe('fieldsOf', () => {
  it('shows kinds, units, bounds and what is required', () => {
    expect(fieldsOf([depth, net, old], names)).toMatchObject([
      { name: 'attributes.depth', label: 'Depth [m]', kind: 'number', least: 0, most: 50, hint: '0 – 50', required: true },
      { name: 'attributes.net', kind: 'choice', choices: [{ value: 'true', label: 'Yes' }, { value: 'false', label: 'No' }] },
    ])
  })
})

describe('asAttributes', () => {
  it('gives back what a component has, and nothing that was left empty', () => {
    const values: Record<string, unknown> = { ...asValues({ depth: 3.5, net: false, old: 'a' }), name: 'n' }
    expect(values['attributes.net']).toBe('false')
    expect(asAttributes(values, [depth, net, old])).toEqual({ depth: 3.5, net: false })
    expect(asAttributes({ 'attributes.depth': null, 'attributes.net': '' }, [depth, net])).toEqual({})
  })
})
