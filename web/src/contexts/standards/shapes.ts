import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type MatterType = Schemas['MatterTypeOut']
export type StandardSet = Schemas['StandardSetOut']
export type Standard = Schemas['StandardOut']
export type DispatchRule = Schemas['DispatchRuleOut']

/** What an import did, or in a dry run would do. */
export type ImportResult = Omit<Schemas['StandardsImportOut'], 'faults'> & { faults: ImportFault[] }

export interface ImportFault {
  row: number
  field: string | null
  code: string
  zh: string
  en: string
}

export const KINDS = ['component', 'matter'] as const
export const AREA_CLASSES = ['A', 'B', 'C'] as const
export const UNITS = ['urgent_working_hour', 'urgent_working_day', 'working_hour', 'working_day', 'calendar_day', 'calendar_hour', 'calendar_minute'] as const
