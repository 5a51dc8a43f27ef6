/** The shapes of cases, their acts and their lists; see contract.ts. */
import type { Id, Label, Position, Ref } from './contract'

export type Light = 'green' | 'yellow' | 'red' | 'none'
export interface CaseType extends Label {
  class_zh: string
  class_en: string
}
export interface Holder {
  desk: string
  organisation: Ref | null
  person: Ref | null
}
export interface CaseRow {
  id: Id
  number: string
  title: string
  kind: string
  state: string
  source: string
  type: CaseType
  address: string
  district: Label | null
  street: Label | null
  community: Label | null
  grid_code: string | null
  lon: number | null
  lat: number | null
  light: Light
  due_at: string | null
  yellow_at: string | null
  stage: string | null
  case_due_at: string | null
  case_light: Light
  reported_at: string
  updated_at: string
  urgent: boolean
  holder: Holder
  thumbnail: string | null
  rework_count: number
  version: number
}
export interface Clock {
  id: Id
  stage: string
  round: number
  limit_value: number
  limit_unit: string
  started_at: string
  due_at: string
  yellow_at: string
  paused_at: string | null
  used_s: number
  remaining_s: number
  finished_at: string | null
  overdue: boolean
  light: Light
  exempt: boolean
}
/** What an act asks for. `accepts` names what may be given beside what must be. */
export interface ActNeeds {
  opinion: boolean
  opinion_zh?: string
  opinion_en?: string
  photos: number
  phase?: string
  standard: boolean
  condition?: boolean
  organisation: boolean
  assignee: boolean
  reason: boolean
  /** dictionary of the reasons to choose from */
  reasons?: string
  result: boolean
  results?: { value: boolean; zh: string; en: string }[]
  accepts?: string[]
}
export interface Act {
  act: string
  zh: string
  en: string
  primary: boolean
  danger: boolean
  key: string | null
  needs: ActNeeds
  enabled: boolean
  reason?: string | null
  reason_en?: string | null
}
export interface Attachment {
  id: string
  phase: 'report' | 'verify' | 'disposal' | 'check' | string
  kind: 'photo' | 'audio' | 'video' | 'document' | string
  media_type: string
  size: number
  width: number | null
  height: number | null
  taken_at: string | null
  lon: number | null
  lat: number | null
  url: string
  thumbnail: string | null
  at: string
  by: string | null
}
export interface Task {
  id: Id
  kind: string
  assignee: Ref | null
  sent_at: string
  due_at: string | null
  answered_at: string | null
  result: string | null
  opinion: string | null
}
export interface Step extends Label {
  at: string | null
  state: 'done' | 'now' | 'todo'
}
export interface Standard {
  id: Id
  condition: string
  condition_zh: string
  condition_en: string
  closing_zh: string
  closing_en: string
  limit_value: number
  limit_unit: string
  area_class: string | null
  department_kind: string | null
  reason?: string | null
}
export interface CaseDetail extends CaseRow {
  description: string
  component_code?: string | null
  verified?: boolean | null
  standard: Standard | null
  responsible: Ref | null
  assisting: Ref[]
  clocks: Clock[]
  pending: { kind: string; reason: string; by: string; at: string } | null
  tasks: Task[]
  attachments: Attachment[]
  reporter: { name_masked: string | null; phone_masked: string | null; has_private: boolean } | null
  acts: Act[]
  nearby: { radius_m: number; open: number; history: number }
  steps: Step[]
}
export interface LogEntry {
  seq: number
  at: string
  act: string
  zh: string
  en: string
  actor: string | null
  role: string | null
  organisation: string | null
  opinion: string | null
  receiver: string | null
  from_state: string | null
  to_state: string | null
  attachments: Attachment[]
  lon: number | null
  lat: number | null
  hash: string
}
export interface LogProof {
  ok: boolean
  length: number
  head: string
}
export interface NearbyCase {
  id: Id
  number: string
  title: string
  state: string
  light: Light
  lon: number
  lat: number
  distance_m: number
  open: boolean
  type: CaseType
  reported_at: string
}
export interface Proposals {
  standards: Standard[]
  departments: { organisation: Ref; reason: string; reason_en?: string }[]
  collectors: { person: Ref; reason: string; reason_en?: string }[]
}
export interface Queue extends Label {
  group: string
  count: number
  yellow: number
  red: number
}
export interface SavedView {
  id: Id
  name: string
  filters: Record<string, string>
}
export interface Counted extends Partial<Label> {
  count: number
  filter: Record<string, string>
}
export interface CaseStatistics {
  figures: (Label & { count: number; filter: Record<string, string> })[]
  by_state: Counted[]
  by_light: Counted[]
  by_class: Counted[]
  by_district: (Counted & { open: number; overdue: number })[]
  by_day: { day: string; reported: number; closed: number; overdue: number; filter: Record<string, string> }[]
}
/** An open case that a report would probably repeat, with the reason in both languages. */
export interface Duplicate {
  id: Id
  number: string
  title: string
  state: string
  distance_m: number
  reported_at: string
  thumbnail: string | null
  zh: string
  en: string
}
export interface Suggestion {
  grid: { id: Id; code: string; area_class: string } | null
  community: Label | null
  street: Label | null
  district: Label | null
  in_scope: boolean
  duplicates: Duplicate[]
}
export interface MatterType extends Label {
  class_code: string
  class_zh: string
  class_en: string
  kind: 'component' | 'matter' | string
}
export interface ActResult {
  id: Id
  ok: boolean
  code?: string
  detail?: string
}
export interface ExportJob {
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  done: number
  total: number
  url: string | null
}
export interface ActBody {
  act: string
  version?: number
  opinion?: string
  attachments?: string[]
  standard_id?: Id
  organisation_id?: Id
  assisting_ids?: Id[]
  assignee_id?: Id
  condition?: string
  result?: boolean
  reason?: string
}
export interface CaseDraft {
  source: string
  kind?: string
  type: string
  title?: string
  description: string
  location: Position
  address: string
  component_code?: string
  reporter?: { name: string; phone: string; anonymous?: boolean }
  attachments: string[]
  urgent?: boolean
}
