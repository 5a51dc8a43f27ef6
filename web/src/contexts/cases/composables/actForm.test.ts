import { describe, expect, it } from 'vitest'
import type { Act, ActNeeds } from '@/api'
import { actKeys, arrange, bodyOf, emptyValues, fieldsOf, isForMany, missingOf } from './actForm'

const needs = (given: Partial<ActNeeds> = {}): ActNeeds => ({
  opinion: false, opinion_zh: '', opinion_en: '', photos: 0, phase: 'other', standard: false, condition: false, organisation: false, assignee: false, reason: false, reasons: '', result: false, results: [], accepts: [], ...given,
})
const act = (name: string, given: Partial<Act> = {}): Act => ({ act: name, zh: name, en: name, primary: false, danger: false, key: null, needs: needs(), enabled: true, reason: null, reason_en: null, ...given })
const names = (given: Partial<ActNeeds>, name = 'x') => fieldsOf({ act: name, needs: needs(given) }).map(({ name, required }) => (required ? `${name}*` : name))

describe('fieldsOf', () => {
  it.each([
    ['an act without needs takes an opinion', {}, ['opinion']],
    ['a verification answer', { result: true, photos: 1, phase: 'verify' }, ['result*', 'photos*', 'opinion']],
    ['filing', { standard: true }, ['standard*', 'opinion']],
    ['dispatch may name assisting departments', { organisation: true, accepts: ['assisting'] }, ['organisation*', 'assisting', 'opinion']],
    ['refusal by dictionary', { reason: true, reasons: 'refusal' }, ['reason*', 'opinion']],
    ['return with an optional reason', { opinion: true, accepts: ['reason'], reasons: 'return' }, ['reason', 'opinion*']],
    ['closing', { condition: true }, ['condition*', 'opinion']],
    ['handing back', { opinion: true, photos: 1, phase: 'disposal' }, ['photos*', 'opinion*']],
    ['a handler may be named', { accepts: ['assignee'] }, ['assignee', 'opinion']],
  ] as [string, Partial<ActNeeds>, string[]][])('%s', (_, given, expected) => {
    expect(names(given)).toEqual(expected)
  })
  it('a comment may have photos', () => {
    expect(names({ opinion: true }, 'comment')).toEqual(['photos', 'opinion*'])
  })
})

describe('missingOf', () => {
  it('names every required field that is empty', () => {
    const given = act('x', { needs: needs({ result: true, photos: 2, phase: 'check', opinion: true }) })
    expect(missingOf(given, emptyValues())).toEqual(['result', 'photos', 'opinion'])
    expect(missingOf(given, { ...emptyValues(), result: false, attachments: ['a', 'b'], opinion: 'done' })).toEqual([])
  })
  it('takes false for an answer and blanks for nothing', () => {
    expect(missingOf(act('x', { needs: needs({ result: true }) }), { ...emptyValues(), result: false })).toEqual([])
    expect(missingOf(act('x', { needs: needs({ opinion: true }) }), { ...emptyValues(), opinion: '   ' })).toEqual(['opinion'])
  })
})

describe('bodyOf', () => {
  it('sends what was asked and given, nothing else', () => {
    const values = { ...emptyValues(), organisation_id: 7, standard_id: 3, opinion: ' please ' }
    const body = bodyOf(act('dispatch', { needs: needs({ organisation: true }) }), values, 4)
    expect(JSON.parse(JSON.stringify(body))).toEqual({ act: 'dispatch', version: 4, organisation_id: 7, opinion: 'please' })
  })
  it('sends a negative answer', () => {
    expect(bodyOf(act('answer_check', { needs: needs({ result: true }) }), { ...emptyValues(), result: false }).result).toBe(false)
  })
})

describe('arrange', () => {
  const acts = [act('refuse', { danger: true }), act('verify'), act('accept', { primary: true }), act('merge'), act('comment')]
  it('puts the primary apart, the dangerous first, the comment last', () => {
    const { primary, shown, more } = arrange(acts, 2)
    expect(primary?.act).toBe('accept')
    expect(shown.map((one) => one.act)).toEqual(['refuse', 'verify'])
    expect(more.map((one) => one.act)).toEqual(['merge', 'comment'])
  })
  it('prefers a primary act that is possible', () => {
    const blocked = act('accept', { primary: true, enabled: false })
    const possible = act('approve', { primary: true })
    expect(arrange([blocked, possible], 3).primary?.act).toBe('approve')
    expect(arrange([blocked], 3).primary?.act).toBe('accept')
  })
})

describe('actKeys', () => {
  it('binds letters of possible acts only', () => {
    const keys = actKeys([act('accept', { key: 'A' }), act('refuse', { key: 'R', enabled: false }), act('merge')])
    expect([...keys.keys()]).toEqual(['a'])
  })
})

describe('isForMany', () => {
  it.each([
    [{}, true],
    [{ reason: true }, true],
    [{ organisation: true }, true],
    [{ photos: 1 }, false],
    [{ standard: true }, false],
    [{ result: true }, false],
  ] as [Partial<ActNeeds>, boolean][])('%j %s', (given, expected) => {
    expect(isForMany(act('x', { needs: needs(given) }))).toBe(expected)
  })
})
