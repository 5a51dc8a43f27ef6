import { describe, expect, it } from 'vitest'
import { filtersOf, narrowing, withFilter } from './filters'
import { effectsOf, withoutRepeats } from './liveEffects'
import { firstQueue, neighbour, successor } from './selection'
import { draftOf, missingIn, type RegisterForm } from './registerForm'

describe('neighbour', () => {
  it.each([
    [[], null, 1, null],
    [[5, 6, 7], null, 1, 5],
    [[5, 6, 7], 9, -1, 5],
    [[5, 6, 7], 5, 1, 6],
    [[5, 6, 7], 7, 1, 7],
    [[5, 6, 7], 5, -1, 5],
  ] as [number[], number | null, number, number | null][])('%j from %s by %i', (ids, current, step, expected) => {
    expect(neighbour(ids, current, step)).toBe(expected)
  })
})

describe('successor', () => {
  it.each([
    [[5, 6, 7], 5, 6],
    [[5, 6, 7], 7, 6],
    [[5], 5, null],
    [[5, 6], 9, 5],
  ] as [number[], number, number | null][])('%j without %i', (ids, gone, expected) => {
    expect(successor(ids, gone)).toBe(expected)
  })
})

describe('firstQueue', () => {
  const queue = (code: string, group: string, count: number) => ({ code, group, count, zh: '', en: '', yellow: 0, red: 0 })
  it('prefers what waits for the desk, then what holds anything', () => {
    expect(firstQueue([queue('a', 'watched', 3), queue('b', 'mine', 0)])?.code).toBe('b')
    expect(firstQueue([queue('a', 'watched', 0), queue('b', 'watched', 2)])?.code).toBe('b')
    expect(firstQueue([queue('a', 'watched', 0)])?.code).toBe('a')
    expect(firstQueue([])).toBeUndefined()
  })
})

describe('filters', () => {
  it('reads the address and leaves out what it does not know', () => {
    expect(filtersOf({ queue: 'to_accept', q: '', light: 'red', case: '7', state: ['a', 'b'] })).toEqual({ queue: 'to_accept', light: 'red' })
  })
  it('takes the filters that figures of other screens open the list with', () => {
    const behind = { component: '33019901003000001', open: 'true', type: '01003', district: '330199' }
    expect(filtersOf(behind)).toEqual(behind)
  })
  it('sets and takes away', () => {
    expect(withFilter({ queue: 'a' }, 'light', 'red')).toEqual({ queue: 'a', light: 'red' })
    expect(withFilter({ queue: 'a', light: 'red' }, 'light', '')).toEqual({ queue: 'a' })
  })
  it('counts what narrows', () => {
    expect(narrowing({ queue: 'a', sort: 'due', light: 'red', q: 'x' })).toBe(2)
  })
})

describe('effectsOf', () => {
  const event = (kind: string, case_id?: number) => ({ kind, data: { case_id } })
  it('throws away lists, counts and the open case', () => {
    const effects = effectsOf(event('case.accepted', 7), 7)
    expect(effects.isOpenCase).toBe(true)
    expect(effects.stale).toEqual([['cases', 'queues'], ['cases', 'list'], ['cases', 'statistics'], ['cases', 'one', 7]])
  })
  it('throws away only the detail of a case that is not open', () => {
    const effects = effectsOf(event('case.accepted', 8), 7)
    expect(effects.isOpenCase).toBe(false)
    expect(effects.stale.at(-1)).toEqual(['cases', 'one', 8, 'detail'])
  })
  it('throws away lists and counts when an import brought cases', () => {
    expect(effectsOf(event('cases.import_progressed'), 7)).toEqual({ stale: [['cases', 'queues'], ['cases', 'list'], ['cases', 'statistics']], caseId: null, isOpenCase: false })
  })
  it('is deaf to other kinds', () => {
    expect(effectsOf(event('territory.grids_changed'), 7).stale).toEqual([])
  })
  it('joins repeated keys', () => {
    expect(withoutRepeats([['a'], ['b'], ['a']])).toEqual([['a'], ['b']])
  })
})

describe('registering', () => {
  const form: RegisterForm = { source: 'hotline', type: '06010', kind: 'matter', title: '', description: ' 垃圾 ', address: '解放路', lon: 121.5, lat: 31.2, component_code: '', urgent: false, anonymous: false, name: '', phone: '138', attachments: ['a'] }
  it('wants place, type, words, address and a telephone', () => {
    expect(missingIn(form)).toEqual([])
    expect(missingIn({ ...form, type: '', lon: null, description: ' ', address: '', phone: '' })).toEqual(['type', 'description', 'location', 'address', 'phone'])
    expect(missingIn({ ...form, phone: '', anonymous: true })).toEqual([])
    expect(missingIn({ ...form, phone: '', source: 'inspection' })).toEqual([])
  })
  it('wants a photo from the collector', () => {
    expect(missingIn({ ...form, source: 'collector', attachments: [] })).toEqual(['photos'])
  })
  it('sends no reporter where there is none', () => {
    expect(draftOf({ ...form, source: 'collector' }).reporter).toBeUndefined()
    expect(draftOf(form)).toMatchObject({ description: '垃圾', location: { lon: 121.5, lat: 31.2, crs: 'EPSG:4490' }, reporter: { phone: '138' } })
  })
})
