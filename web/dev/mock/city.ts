import type { CaseDetail, CaseRow, LogEntry } from '../../src/api/contract.ts'
import { collectors, organisations } from './people.ts'
import { draw, matterTypes, pickOne, stages, states } from './tables.ts'

const MINUTE = 60_000
export const CENTRE: [number, number] = [121.5005, 31.2385]
const DISTRICTS = [
  { code: '990102', zh: '滨江区', en: 'Binjiang', streets: [['望江街道', 'Wangjiang'], ['解放街道', 'Jiefang'], ['东湖街道', 'Donghu']] },
  { code: '990103', zh: '新城区', en: 'Xincheng', streets: [['金桥街道', 'Jinqiao'], ['紫云街道', 'Ziyun']] },
  { code: '990104', zh: '北关区', en: 'Beiguan', streets: [['和平街道', 'Heping'], ['石桥街道', 'Shiqiao']] },
]
const COMMUNITIES = ['望江', '桃园', '和平', '金桥', '南苑', '紫云', '学院']
const ROADS = ['解放路', '中山路', '学院路', '柳林路', '紫云大道', '滨江大道', '文昌巷', '人民路']
const TITLES = ['雨水箅子缺失，自行车道', '路面塌陷约 1 平方米', '店外经营占用盲道', '窨井内有异味，井盖松动', '暴露垃圾，绿化带内', '工地夜间扬尘未覆盖', '路灯不亮，连续三盏', '共享单车乱停放，堵住出口', '行道树枝折断，压住非机动车道', '人行道板破损，老人绊倒', '沿街晾晒影响通行', '交通护栏移位']
const SOURCES = ['public', 'hotline', 'collector', 'collector', 'collector', 'monitoring', 'video', 'letter']
const OPEN = ['reported', 'reported', 'reported', 'verifying', 'accepted', 'filed', 'filed', 'dispatched', 'handling', 'handling', 'handled', 'feedback_given', 'checking', 'check_passed', 'check_failed']

export const cases: CaseDetail[] = []
export const logs = new Map<number, LogEntry[]>()
const matters = matterTypes.filter((row) => row.row_kind === 'matter' || !row.row_kind)

export const divisions = DISTRICTS.flatMap((district) => [
  { code: district.code, zh: district.zh, en: district.en, level: 'county', parent: '' },
  ...district.streets.map(([zh, en], index) => ({ code: `${district.code}00${index + 1}`, zh: zh!, en: en!, level: 'street', parent: district.code })),
])

export function photo(label: string, tone: number): string {
  return `/api/v1/mock-photo/${encodeURIComponent(label)}/${tone}`
}

const limitOf = (state: string) => {
  const stage = stages.get(states.get(state)!.stage!)
  if (!stage) return null
  const unit = stage.limit_unit!
  const value = Number(stage.limit_value)
  const minutes = unit === 'calendar_minute' ? value : unit === 'calendar_hour' ? value * 60 : value * 24 * 60
  return { stage: stage.code!, unit, value, minutes }
}

/** Set what follows from a state: holder, running clock, light. */
export function settle(of: CaseDetail, at: number) {
  const state = states.get(of.state)!
  const limit = limitOf(of.state)
  const desk = state.desk ?? ''
  of.holder = { desk, organisation: desk === 'department' ? of.responsible : null, person: desk === 'collector' ? (collectors[0] ?? null) : null }
  for (const clock of of.clocks) if (clock.stage !== 'whole' && !clock.finished_at) clock.finished_at = new Date(at).toISOString()
  of.stage = limit?.stage ?? null
  if (limit) {
    const due = at + limit.minutes * MINUTE
    of.due_at = new Date(due).toISOString()
    of.yellow_at = new Date(at + limit.minutes * MINUTE * 0.8).toISOString()
    of.clocks.push({ id: of.clocks.length + 1, stage: limit.stage, round: 1, limit_value: limit.value, limit_unit: limit.unit, started_at: new Date(at).toISOString(), due_at: of.due_at, yellow_at: of.yellow_at, paused_at: null, used_s: 0, remaining_s: limit.minutes * 60, finished_at: null, overdue: false, light: 'green', exempt: false })
  } else {
    of.due_at = of.yellow_at = null
    for (const clock of of.clocks) clock.finished_at ??= new Date(at).toISOString()
  }
  relight(of)
}

export function relight(row: CaseRow) {
  const now = Date.now()
  row.light = !row.due_at ? 'none' : now >= Date.parse(row.due_at) ? 'red' : now >= Date.parse(row.yellow_at!) ? 'yellow' : 'green'
}

function make(id: number): CaseDetail {
  const state = id % 5 === 0 ? 'closed' : pickOne(OPEN)
  const district = pickOne(DISTRICTS)
  const street = pickOne(district.streets)
  const community = pickOne(COMMUNITIES)
  const type = pickOne(matters)
  const limit = limitOf(state)
  const ran = (limit?.minutes ?? 60) * MINUTE * draw() * 1.06
  const since = Date.now() - ran
  const reported = since - (state === 'reported' ? 0 : draw() * 40 * 60 * MINUTE)
  const at = new Date(reported).toISOString()
  const road = pickOne(ROADS)
  const of: CaseDetail = {
    id, number: `LJ${at.slice(0, 10).replaceAll('-', '')}-${String(id).padStart(5, '0')}`, title: TITLES[id % TITLES.length]!, kind: id % 3 ? 'matter' : 'component', state, source: pickOne(SOURCES),
    type: { code: type.code!, zh: type.zh!, en: type.en!, class_zh: type.class_zh!, class_en: type.class_en! },
    address: `${road} ${Math.ceil(draw() * 300)} 号附近`, district: { code: district.code, zh: district.zh, en: district.en }, street: { code: `${district.code}001`, zh: street[0]!, en: street[1]! }, community: { code: `${district.code}001007`, zh: `${community}社区`, en: `${community} community` },
    grid_code: `${district.code}00100700${1 + (id % 9)}`, lon: CENTRE[0] + (draw() - 0.5) * 0.034, lat: CENTRE[1] + (draw() - 0.5) * 0.02, light: 'none', due_at: null, yellow_at: null, stage: null,
    case_due_at: new Date(reported + 15 * 24 * 60 * MINUTE).toISOString(), case_light: 'green', reported_at: at, updated_at: new Date(since).toISOString(), urgent: draw() < 0.08,
    holder: { desk: '', organisation: null, person: null }, thumbnail: draw() < 0.85 ? photo(TITLES[id % TITLES.length]!, id) : null, rework_count: draw() < 0.06 ? 1 : 0, version: 1,
    description: `${TITLES[id % TITLES.length]!}。${road}一侧，早晚高峰人多，请尽快处理。`, component_code: id % 3 ? null : `99010201004002${10 + (id % 80)}`, verified: null, standard: null, responsible: null, assisting: [], clocks: [], pending: null, tasks: [], attachments: [],
    reporter: { name_masked: '王**', phone_masked: `138****${1000 + id}`, has_private: true }, acts: [], nearby: { radius_m: 200, open: Math.floor(draw() * 4), history: Math.floor(draw() * 30) }, steps: [],
  }
  if (['dispatched', 'handling', 'handled', 'feedback_given', 'checking', 'check_passed', 'check_failed', 'closed'].includes(state)) of.responsible = pickOne(organisations)
  of.clocks.push({ id: 1, stage: 'whole', round: 1, limit_value: 15, limit_unit: 'working_day', started_at: at, due_at: of.case_due_at!, yellow_at: new Date(reported + 12 * 24 * 60 * MINUTE).toISOString(), paused_at: null, used_s: Math.round((Date.now() - reported) / 1000), remaining_s: 99, finished_at: null, overdue: false, light: 'green', exempt: false })
  settle(of, since)
  addPhotos(of, at)
  addLog(of, reported, since)
  return of
}

function addPhotos(of: CaseDetail, at: string) {
  const phases = ['report', 'report', ...(states.get(of.state)!.step === 'check_and_close' || of.state === 'closed' ? ['disposal', 'check'] : [])]
  of.attachments = phases.map((phase, index) => ({ id: `a${of.id}-${index}`, phase, kind: 'photo', media_type: 'image/svg+xml', size: 240_000, width: 1600, height: 1200, taken_at: at, lon: of.lon, lat: of.lat, url: photo(`${of.title} ${index + 1}`, of.id + index), thumbnail: photo(`${of.title} ${index + 1}`, of.id + index), at, by: '李春梅' }))
}

export function appendLog(of: CaseDetail, entry: Partial<LogEntry>) {
  const all = logs.get(of.id) ?? []
  const seq = all.length + 1
  all.push({ seq, at: new Date().toISOString(), act: '', zh: '', en: '', actor: null, role: 'system', organisation: null, opinion: null, receiver: null, from_state: null, to_state: null, attachments: [], lon: null, lat: null, hash: `${(of.id * 7919 + seq).toString(16)}a9c04f1e77b2d3`, ...entry })
  logs.set(of.id, all)
}

function addLog(of: CaseDetail, reported: number, since: number) {
  const iso = (ms: number) => new Date(ms).toISOString()
  appendLog(of, { at: iso(reported), act: 'report', zh: '上报', en: 'Report', actor: of.source === 'collector' ? '李春梅' : '何静', role: of.source === 'collector' ? 'collector' : 'hotline', organisation: '12319 热线', opinion: '市民来电，位置已确认。', to_state: 'reported', lon: of.lon, lat: of.lat })
  appendLog(of, { at: iso(reported + 2000), act: 'locate', zh: '定位到网格，推荐类型与部门', en: 'Located in a grid; type and department proposed', opinion: `网格 ${of.grid_code ?? ''}，理由可查` })
  if (of.state === 'reported') return
  appendLog(of, { at: iso((reported + since) / 2), act: 'accept', zh: '受理', en: 'Accept', actor: '陈晓雯', role: 'acceptor', organisation: '监督中心', opinion: '情况清楚，予以受理。', from_state: 'reported', to_state: 'accepted' })
  if (of.responsible) appendLog(of, { at: iso(since), act: 'dispatch', zh: '派遣', en: 'Dispatch', actor: '吴海涛', role: 'dispatcher', organisation: '指挥中心', receiver: of.responsible.name, opinion: '请按时限处置并上传处置后照片。', from_state: 'filed', to_state: of.state })
}

for (let id = 1; id <= 900; id += 1) cases.push(make(id))
