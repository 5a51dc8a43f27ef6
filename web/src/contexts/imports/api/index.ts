import { answer, ApiProblem, client, csrfToken, newIdempotencyKey, type Problem, unreachable } from '@/api'
import type { components } from '@/api/generated/schema'

type Schemas = components['schemas']
export type ImportRun = Schemas['ImportOut']
export type ImportMapping = Schemas['MappingOut']
export type RowFault = Schemas['RowFault']

export const keys = {
  runs: ['imports', 'runs'] as const,
  run: (id: string) => ['imports', 'run', id] as const,
  faults: (id: string, read: number) => ['imports', 'faults', id, read] as const,
  mappings: ['imports', 'mappings'] as const,
}

export const isUnderWay = (run: Pick<ImportRun, 'state'> | undefined) => run?.state === 'waiting' || run?.state === 'running'

const of = (id: string) => ({ params: { path: { import_id: id } } })

export const getMappings = () => answer(client.GET('/api/v1/imports/mappings'))
export const getRuns = (after: string | undefined) => answer(client.GET('/api/v1/imports', { params: { query: { limit: 20, after } } }))
export const getRun = (id: string) => answer(client.GET('/api/v1/imports/{import_id}', of(id)))
export const getFaults = (id: string, after: string | undefined) =>
  answer(client.GET('/api/v1/imports/{import_id}/faults', { params: { path: { import_id: id }, query: { limit: 50, after } } }))
export const cancelRun = (id: string) => answer(client.POST('/api/v1/imports/{import_id}/cancel', of(id)))

/** Addresses of files that the browser saves by itself. */
export const quarantineOf = (id: string) => `/api/v1/imports/${id}/quarantine`
export const mappingFileOf = (code: string) => `/api/v1/imports/mappings/${encodeURIComponent(code)}`

export interface Start {
  file: File
  /** code of a shipped mapping, or a file of one's own */
  mapping: string | File
  isTrial: boolean
}

/**
 * Send a file to be imported, telling how far the upload is (ratio 0–1).
 * XMLHttpRequest because fetch does not report the progress of an upload.
 */
export function startRun({ file, mapping, isTrial }: Start, onProgress: (ratio: number) => void): Promise<ImportRun> {
  const form = new FormData()
  form.append('file', file)
  form.append(typeof mapping === 'string' ? 'mapping' : 'mapping_file', mapping)
  form.append('dry_run', String(isTrial))
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/v1/imports')
    request.setRequestHeader('X-CSRFToken', csrfToken())
    request.setRequestHeader('Accept-Language', document.documentElement.lang)
    request.setRequestHeader('Idempotency-Key', newIdempotencyKey())
    request.responseType = 'json'
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () => {
      reject(unreachable())
    }
    request.onload = () => {
      if (request.status < 300) resolve(request.response as ImportRun)
      else reject(new ApiProblem({ ...(request.response as Partial<Problem> | null), status: request.status }))
    }
    request.send(form)
  })
}
