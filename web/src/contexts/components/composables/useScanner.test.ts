import { describe, expect, it } from 'vitest'
import { codeIn } from './useScanner'

describe('codeIn', () => {
  it('takes the digits of a plate, also at the end of an address', () => {
    expect(codeIn('33019901003000001')).toBe('33019901003000001')
    expect(codeIn('https://city.example/c/33019901003000001?x=1')).toBe('33019901003000001')
    expect(codeIn(' LD-0001 ')).toBe('LD0001')
  })
})
