import { describe, expect, it } from 'vitest'
import { boundTo } from './keys'

const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more })

describe('boundTo', () => {
  const accept = () => undefined
  const keys = { a: accept, ArrowDown: accept, '/': accept }
  it('finds letters in either case, arrows and signs', () => {
    expect(boundTo(press('a'), keys)).toBe(accept)
    expect(boundTo(press('A', { shiftKey: true }), keys)).toBe(accept)
    expect(boundTo(press('ArrowDown'), keys)).toBe(accept)
    expect(boundTo(press('/'), keys)).toBe(accept)
  })
  it('leaves the browser its own shortcuts and the writer his letters', () => {
    expect(boundTo(press('a', { ctrlKey: true }), keys)).toBeUndefined()
    expect(boundTo(press('a', { metaKey: true }), keys)).toBeUndefined()
    expect(boundTo(press('a', { isComposing: true }), keys)).toBeUndefined()
    expect(boundTo(press('z'), keys)).toBeUndefined()
  })
})
