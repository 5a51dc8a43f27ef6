import { describe, expect, it } from 'vitest'
import { lightAt, ratioUsed, spanOf } from './span'

describe('spanOf', () => {
  it.each([
    [0, { kind: 'clock', text: '0:00' }],
    [9, { kind: 'clock', text: '0:09' }],
    [144, { kind: 'clock', text: '2:24' }],
    [-41, { kind: 'clock', text: '0:41' }],
    [3599, { kind: 'clock', text: '59:59' }],
    [3600, { kind: 'hours', h: 1, m: 0 }],
    [86_399, { kind: 'hours', h: 23, m: 59 }],
    [86_400, { kind: 'days', d: 1, h: 0 }],
    [-(3 * 86_400 + 4 * 3600 + 59), { kind: 'days', d: 3, h: 4 }],
  ])('%i s', (seconds, expected) => {
    expect(spanOf(seconds)).toEqual(expected)
  })
})

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 6, minute)).toISOString()
const ms = (minute: number) => Date.parse(at(minute))

describe('lightAt', () => {
  const deadline = { light: 'green' as const, yellow_at: at(12), due_at: at(15) }
  it.each([
    [11, 'green'],
    [12, 'yellow'],
    [14, 'yellow'],
    [15, 'red'],
    [40, 'red'],
  ])('minute %i', (minute, light) => {
    expect(lightAt(deadline, ms(minute))).toBe(light)
  })
  it('leaves a case without a running clock alone', () => {
    expect(lightAt({ light: 'none', due_at: at(1), yellow_at: null }, ms(30))).toBe('none')
    expect(lightAt({ light: 'red', due_at: null, yellow_at: null }, ms(30))).toBe('red')
  })
})

describe('ratioUsed', () => {
  const track = { started_at: at(0), yellow_at: at(12), due_at: at(15) }
  it('runs from 0 to 1 and meets the warning at its share', () => {
    expect(ratioUsed(track, ms(0))).toBe(0)
    expect(ratioUsed(track, ms(6))).toBeCloseTo(0.4)
    expect(ratioUsed(track, ms(12))).toBeCloseTo(0.8)
    expect(ratioUsed(track, ms(15))).toBe(1)
    expect(ratioUsed(track, ms(50))).toBe(1)
  })
  it('bends where the working time bends', () => {
    // 80 % used over a night: the warning stands late on the wall
    const night = { started_at: at(0), yellow_at: at(50), due_at: at(51) }
    expect(ratioUsed(night, ms(50))).toBeCloseTo(0.8)
    expect(ratioUsed(night, ms(25))).toBeCloseTo(0.4)
  })
  it('is empty without a deadline', () => {
    expect(ratioUsed({ started_at: at(0), yellow_at: null, due_at: null }, ms(5))).toBe(0)
  })
})
