import { answer, client } from '@/api'

export type * from './shapes'

const MOST_CHILDREN = 1000

/** Divisions right below one; '' = those at the top. */
export const getChildren = (parent: string) =>
  answer(client.GET('/api/v1/territory/divisions', { params: { query: { parent, limit: MOST_CHILDREN } } }))
export const findDivisions = (q: string) => answer(client.GET('/api/v1/territory/divisions', { params: { query: { q, limit: 100 } } }))
export const getDivision = (code: string) => answer(client.GET('/api/v1/territory/divisions/{code}', { params: { path: { code } } }))
export const getGrid = (code: string) => answer(client.GET('/api/v1/territory/grids/{code}', { params: { path: { code } } }))
export const getDuties = (code: string, history: boolean) =>
  answer(client.GET('/api/v1/territory/grids/{code}/duties', { params: { path: { code }, query: { history } } }))
export const getSchemes = () => answer(client.GET('/api/v1/territory/code-schemes'))
