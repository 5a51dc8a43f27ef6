import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type ComponentRow = Schemas['ComponentRow']
export type ComponentDetail = Schemas['ComponentOut']
export type ComponentNear = Schemas['ComponentNear']
export type ComponentPhoto = Schemas['ComponentPhotoOut']
export type CensusPlan = Schemas['CensusPlanRow']
export type CensusPlanDetail = Schemas['CensusPlanOut']
export type CensusTask = Schemas['CensusTaskRow']
export type CensusTaskDetail = Schemas['CensusTaskOut']
export type CensusKnown = Schemas['CensusKnown']
export type CensusFinding = Schemas['CensusFindingOut']
export type FindingIn = Schemas['FindingIn']
export type FindingOutcomes = Schemas['FindingOutcomes']
export type DecisionOutcomes = Schemas['DecisionOutcomes']
export type ComponentVersion = Schemas['ComponentVersionOut']
export type ComponentType = Schemas['ComponentTypeOut']
export type Attribute = Schemas['ComponentAttributeOut']
export type CasesOfComponent = Schemas['OfComponentOut']
export type WorkflowNames = Pick<Schemas['WorkflowOut'], 'states'>
export type DivisionRow = Schemas['DivisionOut']
export type DivisionDetail = Schemas['DivisionDetail']
export type UnitGrid = Schemas['GridOut']
export type UnitGridDetail = Schemas['GridDetail']
export type PlaceAt = Schemas['PlaceOut']
export type Counts = Schemas['ComponentCounts']
/** A value of a dictionary. */
export type Word = Pick<Schemas['ItemOut'], 'code' | 'zh' | 'en'>

export const GROUPINGS = ['type', 'state', 'competent', 'owner', 'maintainer', 'district', 'street', 'community', 'grid', 'source'] as const
export const FILTERS = ['type', 'state', 'division', 'grid', 'competent', 'owner', 'maintainer', 'source', 'retired', 'q'] as const
export type FilterName = (typeof FILTERS)[number]
export const toneOf = (state: string, retired: boolean): 'green' | 'amber' | 'red' | 'grey' => {
  if (retired) return 'grey'
  return state === 'intact' ? 'green' : state === 'lost' ? 'red' : 'amber'
}

export const TASK_STATES = ['assigned', 'collecting', 'submitted', 'returned', 'accepted'] as const
export const TASK_TONES = { assigned: 'grey', collecting: 'amber', submitted: 'brand', returned: 'red', accepted: 'green' } as const
export const PLAN_TONES = { draft: 'grey', open: 'brand', closed: 'green', cancelled: 'grey' } as const
