import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type Division = Schemas['DivisionOut']
export type DivisionDetail = Schemas['DivisionDetail']
export type Grid = Schemas['GridOut']
export type GridDetail = Schemas['GridDetail']
export type GridReport = Schemas['GridReportOut']
export type Duty = Schemas['DutyOut']
export type DutyChange = Schemas['DutyChangeOut']
export type CodeScheme = Schemas['CodeSchemeOut']
export type MapLayer = Schemas['LayerOut']
