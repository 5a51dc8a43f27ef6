import { answer, client } from '@/api'
import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']
export type AddressRow = Schemas['AddressRow']
export type AddressOut = Schemas['AddressOut']
export type AddressHit = Schemas['AddressHit']
export type AddressIn = Schemas['AddressIn']
export type AddressKind = AddressRow['kind']
export type AddressEdit = Schemas['AddressEdit']
export interface Spot { lon: number; lat: number }
export interface ListFilter { kind?: AddressKind; division?: string; parent_id?: number; state: 'in_force' | 'retired' | 'all' }

export const KINDS: AddressKind[] = ['division', 'tract', 'street', 'door_plate', 'poi']
const BASE = '/api/v1/territory/addresses'
const ONE = `${BASE}/{address_id}` as const
const path = (id: number) => ({ path: { address_id: id } })

export const listAddresses = (filter: ListFilter, after?: string) => answer(client.GET(BASE, { params: { query: { ...filter, after, limit: 50 } } }))
export const searchAddresses = (q: string, near: Partial<Spot> = {}, more: { kind?: AddressKind; division?: string; limit?: number } = {}) =>
  answer(client.GET(`${BASE}/search`, { params: { query: { q, ...near, ...more } } }))
export const describePoint = (spot: Spot) => answer(client.GET(`${BASE}/at`, { params: { query: { ...spot, limit: 5 } } }))
export const getAddress = (id: number) => answer(client.GET(ONE, { params: path(id) }))
export const getChanges = (id: number) => answer(client.GET(`${ONE}/changes`, { params: path(id) }))
export const registerAddress = (body: AddressIn) => answer(client.POST(BASE, { body }))
export const changeAddress = (id: number, body: AddressEdit) => answer(client.PATCH(ONE, { params: path(id), body }))
export const renameAddress = (id: number, body: Schemas['AddressRename']) => answer(client.POST(`${ONE}/rename`, { params: path(id), body }))
export const retireAddress = (id: number, body: Schemas['AddressRetirement']) => answer(client.POST(`${ONE}/retire`, { params: path(id), body }))
export const mergeAddress = (id: number, body: Schemas['AddressMerge']) => answer(client.POST(`${ONE}/merge`, { params: path(id), body }))
export const moveAddress = (id: number, body: Schemas['AddressMove']) => answer(client.POST(`${ONE}/move`, { params: path(id), body }))
