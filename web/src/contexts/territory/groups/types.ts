import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type GroupKind = 'management' | 'evaluation'
export type Group = Schemas['GroupOut']
export type GroupDetail = Schemas['GroupDetail']
export type GroupSaved = Schemas['GroupSavedOut']
export type GroupCheck = Schemas['GroupCheckOut']
export type GroupFault = Schemas['GroupFaultOut']
export type GroupReport = Schemas['GroupFileReportOut']
export type Shift = Schemas['ShiftOut']
export type DutyGap = Schemas['DutyGapOut']
/** What is being made or changed; `code` is empty for a new one that gets the next free code. */
export interface GroupDraft {
  isNew: boolean
  code: string
  zh: string
  en: string
  organisation_id: number | null
  area_class: '' | 'A' | 'B' | 'C'
  note: string
  members: string[]
}
