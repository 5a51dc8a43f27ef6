import { describe, expect, it } from 'vitest'
import { backoff_ms } from './connection'
import { EventReader } from './sse'

describe('EventReader', () => {
  it('reads events cut anywhere', () => {
    const reader = new EventReader()
    const text = ': hello\nretry: 2000\n\nid: 7-1\nevent: case.filed\ndata: {"a":1}\n\nid: 7-2\ndata: x\ndata: y\n\n'
    const events = [...text].flatMap((letter) => reader.push(letter))
    expect(events).toEqual([
      { id: '7-1', kind: 'case.filed', data: '{"a":1}' },
      { id: '7-2', kind: 'message', data: 'x\ny' },
    ])
    expect(reader.lastId).toBe('7-2')
    expect(reader.retry_ms).toBe(2000)
  })
  it('says nothing for comments and empty events', () => {
    expect(new EventReader().push(': beat\n\n\n')).toEqual([])
  })
})

describe('backoff_ms', () => {
  it('doubles up to a bound and spreads', () => {
    expect([0, 1, 2, 3, 9].map((n) => backoff_ms(n, () => 1))).toEqual([1000, 2000, 4000, 8000, 30_000])
    expect(backoff_ms(0, () => 0)).toBe(500)
  })
})
