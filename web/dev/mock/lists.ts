import type { CaseDetail } from '../../src/api/contract.ts'
import { cases, relight } from './city.ts'
import type { Person } from './people.ts'
import { states } from './tables.ts'

interface QueueRule {
  code: string
  zh: string
  en: string
  group: string
  desk?: string
  has: (of: CaseDetail) => boolean
}
const inState = (...names: string[]) => (of: CaseDetail) => names.includes(of.state) && !of.pending
const RULES: QueueRule[] = [
  { code: 'to_accept', zh: '待受理', en: 'To accept', group: 'mine', desk: 'acceptor', has: inState('reported') },
  { code: 'verifying', zh: '核实中', en: 'Being verified', group: 'mine', desk: 'acceptor', has: inState('verifying') },
  { code: 'to_send_check', zh: '待发核查', en: 'To send to check', group: 'mine', desk: 'acceptor', has: inState('feedback_given') },
  { code: 'to_file', zh: '待立案', en: 'To file', group: 'mine', desk: 'shift_leader', has: inState('accepted') },
  { code: 'to_close', zh: '待结案', en: 'To close', group: 'mine', desk: 'shift_leader', has: inState('check_passed') },
  { code: 'to_dispatch', zh: '待派遣', en: 'To dispatch', group: 'mine', desk: 'dispatcher', has: inState('filed') },
  { code: 'to_feed_back', zh: '待反馈', en: 'To feed back', group: 'mine', desk: 'dispatcher', has: inState('handled') },
  { code: 'check_failed', zh: '核查不通过', en: 'Check failed', group: 'mine', desk: 'dispatcher', has: inState('check_failed') },
  { code: 'to_handle', zh: '待处置', en: 'To handle', group: 'mine', desk: 'department', has: inState('dispatched') },
  { code: 'handling', zh: '处置中', en: 'Being handled', group: 'mine', desk: 'department', has: inState('handling') },
  { code: 'to_verify', zh: '待核实', en: 'To verify', group: 'mine', desk: 'collector', has: inState('verifying') },
  { code: 'to_check', zh: '待核查', en: 'To check', group: 'mine', desk: 'collector', has: inState('checking') },
  { code: 'overdue', zh: '已超期', en: 'Overdue', group: 'watched', has: (of) => of.light === 'red' },
  { code: 'urgent', zh: '紧急案卷', en: 'Urgent', group: 'watched', has: (of) => of.urgent && states.get(of.state)!.terminal === 'no' },
  { code: 'open', zh: '在办案卷', en: 'Open cases', group: 'all', has: (of) => states.get(of.state)!.terminal === 'no' },
]

export function queuesFor(person: Person) {
  cases.forEach(relight)
  return RULES.filter((rule) => !rule.desk || rule.desk === person.desk).map(({ code, zh, en, group, has }) => {
    const mine = cases.filter(has)
    return { code, zh, en, group, count: mine.length, yellow: mine.filter((of) => of.light === 'yellow').length, red: mine.filter((of) => of.light === 'red').length }
  })
}

export function filtered(query: URLSearchParams): CaseDetail[] {
  cases.forEach(relight)
  const rule = RULES.find((one) => one.code === query.get('queue'))
  const is = (name: string, value: string | undefined | null) => !query.get(name) || query.get(name) === value
  const q = query.get('q')
  const found = cases.filter(
    (of) =>
      (!rule || rule.has(of)) && is('state', of.state) && is('source', of.source) && is('kind', of.kind) && is('type', of.type.code) && is('light', of.light) && is('district', of.district?.code) && is('urgent', String(of.urgent)) &&
      (!q || `${of.number}${of.title}${of.address}${of.type.zh}`.includes(q)),
  )
  const time = (iso: string | null) => (iso ? Date.parse(iso) : Number.MAX_SAFE_INTEGER)
  const orders: Record<string, (a: CaseDetail, b: CaseDetail) => number> = {
    due: (a, b) => time(a.due_at) - time(b.due_at),
    reported: (a, b) => time(a.reported_at) - time(b.reported_at),
    '-reported': (a, b) => time(b.reported_at) - time(a.reported_at),
    updated: (a, b) => time(b.updated_at) - time(a.updated_at),
  }
  return found.sort(orders[query.get('sort') ?? 'due'] ?? orders.due)
}

const count = <T>(list: T[], has: (item: T) => boolean) => list.filter(has).length

export function statistics() {
  cases.forEach(relight)
  const open = cases.filter((of) => states.get(of.state)!.terminal === 'no')
  const figures = [
    { code: 'open', zh: '在办', en: 'Open', count: open.length, filter: { queue: 'open' } },
    { code: 'overdue', zh: '已超期', en: 'Overdue', count: count(open, (of) => of.light === 'red'), filter: { light: 'red' } },
    { code: 'yellow', zh: '将到期', en: 'Running out', count: count(open, (of) => of.light === 'yellow'), filter: { light: 'yellow' } },
    { code: 'urgent', zh: '紧急', en: 'Urgent', count: count(open, (of) => of.urgent), filter: { urgent: 'true' } },
  ]
  const group = (of: (one: CaseDetail) => { code: string; zh: string; en: string }, filter: string) => {
    const labels = new Map(open.map((one) => [of(one).code, of(one)]))
    return [...labels.values()].map((label) => ({ ...label, count: count(open, (one) => of(one).code === label.code), filter: { [filter]: label.code } })).sort((a, b) => b.count - a.count)
  }
  const days = Array.from({ length: 30 }, (_, index) => new Date(Date.now() - (29 - index) * 86_400_000).toISOString().slice(0, 10))
  return {
    figures,
    by_state: group((one) => ({ code: one.state, zh: states.get(one.state)!.zh!, en: states.get(one.state)!.en! }), 'state'),
    by_light: ['green', 'yellow', 'red'].map((light) => ({ code: light, zh: light, en: light, count: count(open, (one) => one.light === light), filter: { light } })),
    by_class: group((one) => ({ code: one.type.code.slice(0, 2), zh: one.type.class_zh, en: one.type.class_en }), 'class').slice(0, 12),
    by_district: group((one) => one.district!, 'district').map((row) => ({ ...row, open: row.count, overdue: count(open, (one) => one.district?.code === row.code && one.light === 'red') })),
    by_day: days.map((day, index) => ({ day, reported: 180 + Math.round(60 * Math.sin(index / 1.1) + (index % 7) * 9), closed: 170 + Math.round(50 * Math.sin(index / 1.3)), overdue: 8 + (index % 5), filter: { reported_from: day, reported_to: day } })),
  }
}
