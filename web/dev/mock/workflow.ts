import type { Act, ActBody, CaseDetail } from '../../src/api/contract.ts'
import { appendLog, settle } from './city.ts'
import { collectors, organisations, type Person } from './people.ts'
import { moves, type Row, states, steps } from './tables.ts'

const fits = (move: Row, of: CaseDetail) => {
  const from = (move.from_states ?? '').split('|')
  const pending = move.pending ?? ''
  const isOpen = states.get(of.state)!.terminal === 'no'
  const stateFits = from.includes(of.state) || (from[0] === 'open' && isOpen)
  const asked = pending.startsWith('-') ? pending.slice(1).split('+')[0] : pending === '*' ? (of.pending?.kind ?? '') : ''
  return stateFits && asked === (of.pending?.kind ?? '')
}

function needsOf(move: Row): Act['needs'] {
  const words = (move.needs ?? '').split('|').filter(Boolean)
  const has = (name: string) => words.some((word) => word.split(':')[0] === name)
  const photo = words.findLast((word) => word.startsWith('photo:'))?.split(':')
  return {
    opinion: has('opinion'), opinion_zh: move.opinion_zh || undefined, opinion_en: move.opinion_en || undefined, photos: Number(photo?.[1] ?? 0), phase: photo?.[2], standard: has('standard'), condition: has('condition'),
    organisation: has('organisation'), assignee: has('assignee'), reason: has('reason'), reasons: words.find((word) => word.startsWith('reason'))?.split(':')[1], result: Boolean(move.result),
    results: moves.filter((other) => other.act === move.act && other.result).map((other) => ({ value: other.result === 'true', zh: other.result_zh!, en: other.result_en! })),
    accepts: words.filter((word) => word.endsWith('?')).map((word) => word.slice(0, -1)),
  }
}

export function actsFor(of: CaseDetail, person: Person): Act[] {
  const found = new Map<string, Act>()
  for (const move of moves) {
    const mine = (move.desk ?? '').split('|').includes(person.desk)
    if (move.enabled !== 'yes' || !mine || found.has(move.act!) || !fits(move, of)) continue
    const blocked = move.guard === 'public_report_verified' && ['public', 'hotline', 'letter'].includes(of.source) && !of.verified
    found.set(move.act!, {
      act: move.act!, zh: move.zh!, en: move.en!, primary: (move.primary ?? '').split('|').some((word) => word === 'yes' || word === of.state), danger: move.danger === 'yes', key: move.key || null, needs: needsOf(move), enabled: !blocked, reason: blocked ? '公众来源的案卷须先派发核实，再受理' : null,
    })
  }
  return [...found.values()]
}

export function stepsOf(of: CaseDetail): CaseDetail['steps'] {
  const now = steps.findIndex((step) => step.code === states.get(of.state)!.step)
  const isEnded = states.get(of.state)!.terminal === 'yes'
  const start = Date.parse(of.reported_at)
  return steps.map((step, index) => ({
    code: step.code!, zh: step.zh!, en: step.en!, state: index < now || (isEnded && index <= now) ? 'done' : index === now ? 'now' : 'todo', at: index < now ? new Date(start + (index * (Date.parse(of.updated_at) - start)) / Math.max(1, now)).toISOString() : null,
  }))
}

/** Do an act; a sentence when it is refused. */
export function perform(of: CaseDetail, body: ActBody, person: Person): string | null {
  const act = actsFor(of, person).find((one) => one.act === body.act)
  if (!act) return `当前状态不能“${body.act}”`
  if (!act.enabled) return act.reason ?? ''
  const move = moves.find((one) => one.act === body.act && fits(one, of) && (!one.result || (one.result === 'true') === body.result))!
  const from = of.state
  if (move.pending?.startsWith('+')) of.pending = { kind: move.pending.slice(1), reason: body.opinion ?? '', by: person.name, at: new Date().toISOString() }
  if (move.pending?.startsWith('-')) of.pending = null
  if (body.organisation_id) of.responsible = organisations.find((one) => one.id === body.organisation_id) ?? null
  if (body.standard_id) of.standard = standardsFor(of).find((one) => one.id === body.standard_id) ?? null
  if (body.act === 'answer_verification') of.verified = body.result ?? null
  if (move.to_state && move.to_state !== 'same') of.state = move.to_state
  of.updated_at = new Date().toISOString()
  of.version += 1
  if (of.state !== from) settle(of, Date.now())
  appendLog(of, { act: move.act!, zh: move.zh!, en: move.en!, actor: person.name, role: person.desk, organisation: '监督中心', opinion: body.opinion ?? null, receiver: of.responsible && body.organisation_id ? of.responsible.name : null, from_state: from, to_state: of.state })
  return null
}

export const standardsFor = (of: CaseDetail) => [
  { id: of.id * 10 + 1, condition: '1', condition_zh: '缺失或破损，影响安全', condition_en: 'Missing or broken, dangerous', closing_zh: '已补装、加固，无安全隐患', closing_en: 'Replaced and safe', limit_value: 2, limit_unit: 'urgent_working_hour', area_class: 'A', department_kind: 'municipal', reason: '描述含“摔倒”，判为影响安全' },
  { id: of.id * 10 + 2, condition: '2', condition_zh: '一般破损，不影响安全', condition_en: 'Ordinary damage', closing_zh: '已修复，与周边平顺', closing_en: 'Repaired', limit_value: 3, limit_unit: 'working_day', area_class: null, department_kind: 'municipal', reason: null },
]

export const proposalsFor = (of: CaseDetail) => ({
  standards: standardsFor(of),
  departments: [
    { organisation: organisations[of.id % 6]!, reason: `派遣规则 R-12：类型“${of.type.zh}”× ${of.district?.zh ?? ''}` },
    { organisation: organisations[(of.id + 1) % 6]!, reason: '近 90 天同类案卷 23% 由其处置' },
  ],
  collectors: collectors.slice(0, 3).map((person, index) => ({ person, reason: index ? `相邻网格，距 ${index * 240} m` : `网格 ${of.grid_code ?? ''} 责任人` })),
})
