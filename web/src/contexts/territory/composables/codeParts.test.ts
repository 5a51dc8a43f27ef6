import { describe, expect, it } from 'vitest'
import { partsText, readParts } from './codeParts'

const PARTS = [
  { name: 'district', width: 6, zh: '区县', charset: 'digits' },
  { name: 'serial', width: 4, zh: '', charset: 'alphanumeric' },
]

describe('parts of a code', () => {
  it('are written and read again', () => {
    expect(partsText(PARTS)).toBe('district 6 区县\nserial 4 alphanumeric')
    expect(readParts(partsText(PARTS))).toEqual(PARTS)
  })
  it('leave to the server what cannot be read', () => {
    expect(readParts('district six')).toEqual([{ name: 'district', width: 0, zh: '', charset: 'digits' }])
  })
})
