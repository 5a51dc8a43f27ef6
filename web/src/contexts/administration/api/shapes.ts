import type { Id, Label, Ref } from '@/api'

export interface Organisation {
  id: Id
  parent_id: Id | null
  code: string
  kind: string
  department_kind: string
  zh: string
  en: string
  credit_code: string
  division_code: string
  sort: number
  active: boolean
  has_children?: boolean
}
export interface PersonRow {
  id: Id
  username: string
  name: string
  phone: string
  organisation: Ref
  posts: (Label & { id: Id })[]
  roles: Label[]
  active: boolean
  language: string
  must_change_password: boolean
  last_login: string | null
}
export interface GrantRow {
  id: Id
  person_id: Id
  role: string
  role_zh: string
  role_en: string
  division_code: string
  organisation_id: Id | null
  organisation_name: string | null
  case_kinds: string[]
}
export interface Role extends Label {
  id: Id
  permissions: string[]
  builtin: boolean
  active: boolean
  grants: number
}
export interface Permission extends Label {
  context: string
}
export interface Post extends Label {
  id: Id
  active: boolean
  people: number
}
export interface Dictionary extends Label {
  id: Id
  items: number
}
export interface DictionaryItem extends Label {
  id: Id
  sort: number
  active: boolean
}
export interface Setting {
  key: string
  kind: string
  value: unknown
  default: unknown
  minimum: number | null
  maximum: number | null
  choices: string[]
  unit: string
  zh: string
  en: string
  group: string
  secret: boolean
  source: string
  certainty: string
}
export interface AuditRow {
  id: Id
  at: string
  actor_name: string
  act: string
  subject: string
  address: string | null
  detail: Record<string, unknown>
}
