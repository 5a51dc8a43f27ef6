import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type Mode = 'check' | 'split' | 'merge' | 'retire' | 'export'
export type GridReport = Schemas['GridReportOut']
export type Reshaped = Schemas['ReshapedOut']
/** A fault or a warning of a checked file, numbered as the list shows it. */
export type MapFault = Schemas['GridFaultOut'] & { place: number; grave: boolean }
/** What is drawn or chosen and not yet done. */
export interface Draft {
  codes: string[]
  line: [number, number][]
  made: { code: string; geometry: Record<string, unknown> }[]
}
