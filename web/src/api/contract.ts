/** The shapes of the HTTP API that the screens use, by the names the screens use; all come from the generated file. */
import type { components, paths } from './generated/schema'

export type { paths }
type Schemas = components['schemas']

export type Id = number
/** A code with its names. */
export type Label = Schemas['Named']
export type Problem = Schemas['Problem']

export interface Ref {
  id: Id
  name: string
  name_en?: string
}
export interface Page<T> {
  items: T[]
  next: string | null
}

export type Me = Schemas['Me']
export type NodeInfo = Schemas['NodeOut']
export type MapInfo = Schemas['MapOut']
export type BaseMap = Schemas['BaseMapOut']
export type Position = Schemas['Location']

export type Light = Schemas['CaseRowOut']['light']
export type CaseRow = Schemas['CaseRowOut']
export type CaseDetail = Schemas['CaseOut']
export type Clock = Schemas['CaseClock']
export type Act = Schemas['ActOut']
export type ActNeeds = Schemas['ActNeeds']
export type ActBody = Schemas['ActIn']
export type ActResult = Schemas['OutcomeOut']
export type Attachment = Schemas['CaseAttachment']
export type Step = Schemas['StepOut']
export type Standard = Schemas['StandardChoice']
export type LogEntry = Schemas['LogEntryOut']
export type NearbyCase = Schemas['NearbyCase']
export type CaseDraft = Schemas['ReportIn']
export type Suggestion = Schemas['SuggestOut']
export type MatterType = Schemas['MatterTypeOut']
export type Queue = Schemas['QueueOut']
export type SavedView = Schemas['ViewOut']
export type ExportJob = Schemas['ExportOut']
export type CaseStatistics = Schemas['StatisticsOut']
/** A figure with the filter that opens the list behind it. */
export type Counted = Schemas['FigureOut']
