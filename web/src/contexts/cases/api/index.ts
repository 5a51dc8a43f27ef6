import { type ActBody, answer, type CaseDraft, client, type Id, newIdempotencyKey, type Position } from '@/api'
import type { components } from '@/api/generated/schema'
import type { Filters } from './keys'

export { keys, type Filters } from './keys'

const path = (id: Id) => ({ params: { path: { case_id: id } } })
const keyed = (key: string) => ({ params: { header: { 'Idempotency-Key': key } } })

export const getQueues = () => answer(client.GET('/api/v1/cases/queues'))

export const getPage = (filters: Filters, after: string | undefined, limit = 50) =>
  answer(client.GET('/api/v1/cases', { params: { query: { ...filters, limit, after } } }))

export const getCase = (id: Id) => answer(client.GET('/api/v1/cases/{case_id}', path(id)))
export const getLog = (id: Id, after?: string) =>
  answer(client.GET('/api/v1/cases/{case_id}/log', { params: { path: { case_id: id }, query: { limit: 500, after } } }))
export const getProof = (id: Id) => answer(client.GET('/api/v1/cases/{case_id}/log/proof', path(id)))
export const getNearby = (id: Id) => answer(client.GET('/api/v1/cases/{case_id}/nearby', path(id)))
export const getProposals = (id: Id) => answer(client.GET('/api/v1/cases/{case_id}/proposals', path(id)))
/** Reading who reported is written into the audit trail. */
export const getReporter = (id: Id) => answer(client.GET('/api/v1/cases/{case_id}/reporter', path(id)))

export const act = (id: Id, body: ActBody, key: string) =>
  answer(client.POST('/api/v1/cases/{case_id}/acts', { params: { path: { case_id: id }, header: { 'Idempotency-Key': key } }, body }))
/** Each case is judged for itself; done twice it is refused the second time, so no key is needed. */
export const actOnMany = (ids: Id[], { version: _version, attachments: _attachments, location: _location, ...body }: ActBody) =>
  answer(client.POST('/api/v1/cases/acts', { body: { ...body, ids } }))

export const report = (draft: CaseDraft, key: string) => answer(client.POST('/api/v1/cases', { ...keyed(key), body: draft }))
export const suggest = (location: Position, type: string) =>
  answer(client.POST('/api/v1/cases/suggest', { body: { location, type: type || undefined } }))

export const getViews = () => answer(client.GET('/api/v1/cases/views'))
export const saveView = (name: string, filters: Filters) => answer(client.POST('/api/v1/cases/views', { body: { name, filters } }))
export const removeView = (id: Id) => answer(client.DELETE('/api/v1/cases/views/{view_id}', { params: { path: { view_id: id } } }))

export const getStatistics = (filters: Filters) =>
  answer(client.GET('/api/v1/cases/statistics', { params: { query: filters } }))

export type Workflow = components['schemas']['WorkflowOut']
export const getWorkflow = () => answer(client.GET('/api/v1/workflow'))

export const getMatterTypes = (q: string) =>
  answer(client.GET('/api/v1/matter-types', { params: { query: { q: q || undefined, limit: 50 } } }))
/** Every type that may be chosen; a short list, fetched once. */
export const getAllTypes = () => answer(client.GET('/api/v1/matter-types', { params: { query: { limit: 1000 } } }))
export const findOrganisations = (q: string) =>
  answer(client.GET('/api/v1/administration/organisations', { params: { query: { q: q || undefined, active: true, limit: 30 } } }))
/** People who may do a permission's work, by name. */
export const findPeople = (q: string, permission: string) =>
  answer(client.GET('/api/v1/administration/people', { params: { query: { q: q || undefined, permission, active: true, limit: 30 } } }))
export const getDictionary = (dictionary: string) =>
  answer(client.GET('/api/v1/administration/dictionaries/{dictionary}/items', { params: { path: { dictionary }, query: { active: true, limit: 200 } } }))

export { newIdempotencyKey }
export { uploadAttachment, type Uploaded } from './upload'
export { exportCases, type Progress } from './export'
