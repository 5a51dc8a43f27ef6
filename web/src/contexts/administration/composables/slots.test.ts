import { describe, expect, it } from 'vitest'
import { readSlots, slotsText, yearsText } from './slots'

describe('slots', () => {
  it('are written and read again', () => {
    const slots: [string, string][] = [['08:00', '12:00'], ['14:00', '18:00']]
    expect(slotsText(slots)).toBe('08:00-12:00, 14:00-18:00')
    expect(readSlots(slotsText(slots))).toEqual(slots)
  })
  it('leave to the server what cannot be read', () => {
    expect(readSlots('8 to 12')).toEqual([['8 to 12', '']])
  })
})

describe('yearsText', () => {
  it.each([
    [[2004, 2005, 2006], '2004–2006'],
    [[2026, 2020, 2024, 2021], '2020–2021, 2024, 2026'],
    [[], ''],
  ])('%j', (years, text) => {
    expect(yearsText(years)).toBe(text)
  })
})
