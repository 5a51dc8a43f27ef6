import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']

export type MyLayer = Schemas['MyLayerOut']
export type FullLayer = Schemas['FullLayerOut']
export type LayerStyle = Schemas['StyleIn']
