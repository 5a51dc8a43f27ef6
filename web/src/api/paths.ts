/**
 * The routes the screens call, in the shape that openapi-typescript produces.
 * The generated file takes its place once `api/openapi.json` exists.
 */
import type * as C from './contract'

interface Json<T> { headers: Record<string, unknown>; content: { 'application/json': T } }
type None = undefined
type Parameters<Q, P, H> = (Q extends undefined ? { query?: never } : { query?: Q }) &
  (P extends undefined ? { path?: never } : { path: P }) &
  (H extends undefined ? { header?: never } : { header: H }) & { cookie?: never }
type Body<B> = [B] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': B } } }
type Op<R, Q = None, P = None, B = never, H = None> = Body<B> & {
  parameters: Parameters<Q, P, H>
  responses: { 200: Json<R>; default: Json<C.Problem> }
}
interface Id {
  id: C.Id
}
type Filters = Record<string, string | number | undefined>
interface Keyed {
  'Idempotency-Key': string
}

export interface paths {
  '/api/v1/session': { get: Op<C.Me>; patch: Op<unknown, None, None, { language?: 'zh-CN' | 'en'; theme?: 'light' | 'dark' | 'auto' }>; post: Op<C.Me, None, None, { username: string; password: string }>; delete: Op<undefined> }
  '/api/v1/session/csrf': { get: Op<undefined> }
  '/api/v1/session/password': { post: Op<undefined, None, None, { old: string; new: string }> }
  '/api/v1/node': { get: Op<C.NodeInfo> }
  '/api/v1/administration/organisations': { get: Op<C.Page<{ id: C.Id; zh: string; en: string }>, Filters> }
  '/api/v1/administration/people': { get: Op<C.Page<C.Ref>, Filters> }
  '/api/v1/territory/divisions': { get: Op<C.Page<C.Label & { level: string; has_children: boolean }>, Filters> }
  '/api/v1/territory/grids/{code}': { get: Op<C.Grid, None, { code: string }> }
  '/api/v1/territory/map': { get: Op<C.MapInfo> }
  '/api/v1/matter-types': { get: Op<C.MatterType[], Filters> }
  '/api/v1/administration/dictionaries/{dictionary}/items': { get: Op<C.Page<C.Label>, Filters, { dictionary: string }> }
  '/api/v1/cases': { get: Op<C.Page<C.CaseRow>, Filters>; post: Op<C.CaseDetail, None, None, C.CaseDraft, Keyed> }
  '/api/v1/cases/queues': { get: Op<C.Queue[]> }
  '/api/v1/cases/suggest': { post: Op<C.Suggestion, None, None, { location: C.Position; type?: string }> }
  '/api/v1/cases/statistics': { get: Op<C.CaseStatistics, Filters> }
  '/api/v1/cases/views': { get: Op<C.SavedView[]>; post: Op<C.SavedView, None, None, { name: string; filters: Record<string, string> }> }
  '/api/v1/cases/views/{id}': { delete: Op<undefined, None, Id>; patch: Op<C.SavedView, None, Id, { name: string }> }
  '/api/v1/cases/acts': { post: Op<{ results: C.ActResult[] }, None, None, C.ActBody & { ids: C.Id[] }, Keyed> }
  '/api/v1/cases/{id}': { get: Op<C.CaseDetail, None, Id> }
  '/api/v1/cases/{id}/log': { get: Op<C.Page<C.LogEntry>, Filters, Id> }
  '/api/v1/cases/{id}/log/proof': { get: Op<C.LogProof, None, Id> }
  '/api/v1/cases/{id}/nearby': { get: Op<{ items: C.NearbyCase[] }, Filters, Id> }
  '/api/v1/cases/{id}/reporter': { get: Op<{ name: string; phone: string }, None, Id> }
  '/api/v1/cases/{id}/proposals': { get: Op<C.Proposals, None, Id> }
  '/api/v1/cases/{id}/acts': { post: Op<C.CaseDetail, None, Id, C.ActBody, Keyed> }
}
