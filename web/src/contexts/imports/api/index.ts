import { ApiProblem, csrfToken, newIdempotencyKey, type Page, type Problem, unreachable } from '@/api'
import type { components } from '@/api/generated/schema'
import { get, post } from '@/contexts/administration'

type Schemas = components['schemas']
/** Some kinds tell more than what every run does. */
export type ImportRun = Schemas['ImportRunOut'] & Partial<Schemas['ImportOut']> & Partial<Schemas['AddressImportOut']>
export type ImportMapping = Schemas['MappingOut']
export type RowFault = Schemas['RowFault']
export type Figure = 'read' | 'made' | 'open' | 'changed' | 'skipped' | 'faulty' | 'without_position' | 'outside_grids' | 'parents_made'

export const keys = {
  runs: (path: string) => ['imports', path, 'runs'] as const,
  run: (path: string, id: string) => ['imports', path, 'run', id] as const,
  faults: (path: string, id: string, read: number) => ['imports', path, 'faults', id, read] as const,
  mappings: (path: string) => ['imports', path, 'mappings'] as const,
}

export const isUnderWay = (run: Pick<ImportRun, 'state'> | undefined) => run?.state === 'waiting' || run?.state === 'running'

export const getMappings = (path: string) => get<Page<ImportMapping>>(`${path}/mappings`)
export const getRuns = (path: string, after: string | undefined) => get<Page<ImportRun>>(path, { limit: 20, after })
export const getRun = (path: string, id: string) => get<ImportRun>(`${path}/${id}`)
export const getFaults = (path: string, id: string, after: string | undefined) => get<Page<RowFault>>(`${path}/${id}/faults`, { limit: 50, after })
export const cancelRun = (path: string, id: string) => post<ImportRun>(`${path}/${id}/cancel`)

/** Addresses of files that the browser saves by itself. */
export const quarantineOf = (path: string, id: string) => `/api/v1${path}/${id}/quarantine`
export const mappingFileOf = (path: string, code: string) => `/api/v1${path}/mappings/${encodeURIComponent(code)}`

export interface Start {
  path: string
  file: File
  /** code of a shipped mapping, or a file of one's own */
  mapping: string | File
  isTrial: boolean
}

/**
 * Send a file to be imported, telling how far the upload is (ratio 0–1).
 * XMLHttpRequest because fetch does not report the progress of an upload.
 */
export function startRun({ path, file, mapping, isTrial }: Start, onProgress: (ratio: number) => void): Promise<ImportRun> {
  const form = new FormData()
  form.append('file', file)
  form.append(typeof mapping === 'string' ? 'mapping' : 'mapping_file', mapping)
  form.append('dry_run', String(isTrial))
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api/v1${path}`)
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
