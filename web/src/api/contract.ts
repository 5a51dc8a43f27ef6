/**
 * The shapes of the HTTP API that the screens use, by name.
 * Written by hand until `npm run generate` has an OpenAPI file to work from; `api/paths.ts` is its twin for the routes.
 */
import type { Geometry } from 'geojson'

export interface Label {
  code: string
  zh: string
  en: string
}
export type Id = number
export interface Ref {
  id: Id
  name: string
  name_en?: string
}
export interface Position {
  lon: number
  lat: number
  crs?: 'EPSG:4490' | 'EPSG:4326' | 'GCJ-02' | 'BD-09'
}
export interface Page<T> {
  items: T[]
  next: string | null
}

export interface Grant {
  role: string
  division_code: string
  organisation_id: Id | null
  case_kinds: string[]
}
export interface NodeIdentity {
  name: string
  name_en: string
  division_code: string
  tier: string
  time_zone: string
}
export interface BaseMap {
  code: string
  zh: string
  en: string
  kind: string
  /** ready for {z}, {x}, {y}; those with a key are relayed by this platform */
  url: string
  attribution: string
  min_zoom: number
  max_zoom: number
}
export interface NodeInfo extends NodeIdentity {
  version: string
}
export interface MapInfo {
  centre: number[]
  zoom: number
  bounds: number[] | null
  attribution: string[]
  base_maps: BaseMap[]
}
export interface Me {
  person: { id: Id; username: string; name: string; organisation: Ref | null; posts: Ref[] }
  permissions: string[]
  roles: Label[]
  grants: Grant[]
  node: NodeIdentity
  language: string
  must_change_password: boolean
}

export interface Grid {
  id: Id
  code: string
  area_class: string | null
  community: Label | null
  geometry?: Geometry
}
export interface Problem {
  type?: string
  title: string
  status: number
  detail: string
  code: string
  errors?: { field: string; code: string; message: string }[]
}

export type * from './caseContract'
