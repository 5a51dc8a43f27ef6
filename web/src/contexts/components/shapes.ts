import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type ComponentRow = Schemas['ComponentRow']
export type ComponentDetail = Schemas['ComponentOut']
export type ComponentVersion = Schemas['ComponentVersionOut']
export type ComponentType = Schemas['ComponentTypeOut']
export type Attribute = Schemas['ComponentAttributeOut']
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
