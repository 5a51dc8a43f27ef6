import type { ActBody, CaseDetail, CaseDraft } from '../../src/api/contract.ts'
import { appendLog, cases, CENTRE, divisions, logs, settle } from './city.ts'
import { filtered, queuesFor, statistics } from './lists.ts'
import { collectors, node, organisations, people, type Person } from './people.ts'
import { matterTypes, reasons } from './tables.ts'
import { actsFor, perform, proposalsFor, stepsOf } from './workflow.ts'

export interface Asked {
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
  person: Person | null
}
export interface Told {
  status: number
  body?: unknown
  headers?: Record<string, string>
  changed?: { of: CaseDetail; act: string; zh: string; en: string }
}
const ok = (body: unknown): Told => ({ status: 200, body })
const problem = (status: number, code: string, detail: string): Told => ({ status, body: { title: code, status, code, detail, errors: [] } })
const views: { id: number; name: string; filters: Record<string, string> }[] = [{ id: 1, name: '滨江区 · 将到期', filters: { district: '990102', light: 'yellow' } }]

export const meOf = (person: Person) => ({
  person: { id: person.id, username: person.username, name: person.name, organisation: { id: 1, name: '监督指挥中心' }, posts: [] }, permissions: person.permissions, roles: [{ code: person.desk, zh: person.desk, en: person.desk }],
  grants: [], node, language: 'zh-CN', must_change_password: false,
})
const detail = (of: CaseDetail, person: Person) => ({ ...of, acts: actsFor(of, person), steps: stepsOf(of) })
const row = ({ id, number, title, kind, state, source, type, address, district, street, community, grid_code, lon, lat, light, due_at, yellow_at, stage, case_due_at, case_light, reported_at, updated_at, urgent, holder, thumbnail, rework_count, version }: CaseDetail) =>
  ({ id, number, title, kind, state, source, type, address, district, street, community, grid_code, lon, lat, light, due_at, yellow_at, stage, case_due_at, case_light, reported_at, updated_at, urgent, holder, thumbnail, rework_count, version })

function page<T>(items: T[], query: URLSearchParams) {
  const start = Number(query.get('after') ?? 0)
  const limit = Number(query.get('limit') ?? 50)
  return ok({ items: items.slice(start, start + limit), next: start + limit < items.length ? String(start + limit) : null })
}
const near = (of: CaseDetail, radius: number) =>
  cases.flatMap((other) => {
    if (other.id === of.id) return []
    const distance_m = Math.round(Math.hypot(((other.lon ?? 0) - (of.lon ?? 0)) * 95_000, ((other.lat ?? 0) - (of.lat ?? 0)) * 111_000))
    return distance_m <= radius ? [{ id: other.id, number: other.number, title: other.title, state: other.state, light: other.light, lon: other.lon, lat: other.lat, distance_m, open: other.state !== 'closed', type: other.type, reported_at: other.reported_at }] : []
  })

function one(of: CaseDetail, rest: string, asked: Asked, person: Person): Told {
  if (rest === '') return ok(detail(of, person))
  if (rest === '/log') return ok({ items: logs.get(of.id) ?? [], next: null })
  if (rest === '/log/proof') return ok({ ok: true, length: logs.get(of.id)?.length ?? 0, head: logs.get(of.id)?.at(-1)?.hash ?? '' })
  if (rest === '/nearby') return ok({ items: near(of, 200) })
  if (rest === '/reporter') return ok({ name: '王建华', phone: `1381234${1000 + of.id}` })
  if (rest === '/proposals') return ok(proposalsFor(of))
  if (rest !== '/acts') return problem(404, 'not_found', '')
  const body = asked.body as unknown as ActBody
  const refusal = perform(of, body, person)
  if (refusal) return problem(409, 'act_not_possible', refusal)
  const last = logs.get(of.id)!.at(-1)!
  return { ...ok(detail(of, person)), changed: { of, act: body.act, zh: last.zh, en: last.en } }
}

function report(draft: CaseDraft, person: Person): Told {
  const of: CaseDetail = structuredClone(cases[0]!)
  const type = matterTypes.find((candidate) => candidate.code === draft.type)
  const at = new Date().toISOString()
  Object.assign(of, { id: cases.length + 1, number: `LJ20261123-${String(cases.length + 1).padStart(5, '0')}`, title: draft.title ?? draft.description.slice(0, 30), description: draft.description, address: draft.address, lon: draft.location.lon, lat: draft.location.lat, state: 'reported', source: draft.source, reported_at: at, updated_at: at, clocks: [], attachments: [], responsible: null, standard: null, urgent: draft.urgent ?? false, version: 1 })
  if (type) of.type = { code: type.code!, zh: type.zh!, en: type.en!, class_zh: type.class_zh!, class_en: type.class_en! }
  settle(of, Date.now())
  cases.push(of)
  appendLog(of, { act: 'report', zh: '上报', en: 'Report', actor: person.name, role: person.desk, to_state: 'reported' })
  return { status: 201, body: detail(of, person), changed: { of, act: 'report', zh: '上报', en: 'Report' } }
}

function forCases(asked: Asked, person: Person): Told {
  const { path, query, method } = asked
  if (path === '/cases/queues') return ok(queuesFor(person))
  if (path === '/cases/statistics') return ok(statistics())
  if (path === '/cases/views' && method === 'GET') return ok(views)
  if (path === '/cases/views') return ok(views[views.push({ id: views.length + 1, ...(asked.body as { name: string; filters: Record<string, string> }) }) - 1])
  if (path === '/cases/suggest') {
    const of = { ...cases[0]!, id: -1, ...(asked.body.location as { lon: number; lat: number }) }
    const { grid_code, community, street, district } = cases[0]!
    const duplicates = asked.body.type ? near(of, 50).slice(0, 3).map((other) => ({ ...other, zh: `相距 ${other.distance_m} m，24 小时内，类型相同`, en: `${other.distance_m} m away, within 24 h, same type`, thumbnail: null })) : []
    return ok({ grid: { id: 1, code: grid_code, area_class: 'A' }, community, street, district, in_scope: true, duplicates })
  }
  if (path === '/cases/acts') {
    const body = asked.body as unknown as ActBody & { ids: number[] }
    return ok({ results: body.ids.map((id) => { const refusal = perform(cases[id - 1]!, body, person); return { id, ok: !refusal, code: refusal ? 'act_not_possible' : undefined, detail: refusal ?? undefined } }) })
  }
  if (path === '/cases') return method === 'POST' ? report(asked.body as unknown as CaseDraft, person) : page(filtered(query).map(row), query)
  const [, id, rest = ''] = /^\/cases\/(\d+)(\/.*)?$/.exec(path) ?? []
  const of = cases[Number(id) - 1]
  return of ? one(of, rest, asked, person) : problem(404, 'case_not_found', '没有这件案卷，或不在您的权限范围内。')
}

export function answer(asked: Asked): Told {
  const { path, method, person, query } = asked
  if (path === '/node') return ok({ ...node, version: '0.1.0-dev' })
  if (path === '/session/csrf') return { status: 204, headers: { 'Set-Cookie': 'csrftoken=dev; Path=/' } }
  if (path === '/session' && method === 'POST') {
    const found = people.find((candidate) => candidate.username === asked.body.username && asked.body.password !== 'wrong')
    return found ? { ...ok(meOf(found)), headers: { 'Set-Cookie': `who=${found.username}; Path=/` } } : problem(401, 'sign_in_failed', '用户名或密码不正确。')
  }
  if (path === '/session' && method === 'DELETE') return { status: 204, headers: { 'Set-Cookie': 'who=; Path=/; Max-Age=0' } }
  if (!person) return problem(401, 'not_signed_in', '')
  if (path === '/session') return ok(meOf(person))
  if (path.startsWith('/cases')) return forCases(asked, person)
  const q = query.get('q') ?? ''
  if (path === '/matter-types') return ok(matterTypes.filter((type) => `${type.code ?? ''}${type.zh ?? ''}`.includes(q)).slice(0, 50).map((type) => ({ ...type, kind: type.row_kind === 'component' ? 'component' : 'matter' })))
  if (path === '/administration/organisations') return page(organisations.filter((organisation) => organisation.name.includes(q)).map(({ id, name }) => ({ id, zh: name, en: name })), query)
  if (path === '/administration/people') return page(collectors.filter((collector) => collector.name.includes(q)), query)
  if (path.startsWith('/administration/dictionaries/')) return ok({ items: reasons.filter((reason) => reason.dictionary === path.split('/').at(-2)), next: null })
  if (path === '/territory/map') return ok({ centre: CENTRE, zoom: 14.2, bounds: null, attribution: ['© OpenStreetMap contributors'], base_maps: [] })
  if (path === '/territory/divisions') return page(divisions.filter((division) => division.parent === (query.get('parent') ?? '')).map((division) => ({ ...division, has_children: division.level === 'county' })), query)
  return problem(404, 'not_found', '没有这个地址。')
}
