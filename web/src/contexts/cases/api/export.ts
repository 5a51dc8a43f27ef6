import { type ExportJob, rawRequest } from '@/api'
import type { Filters } from './keys'

export interface Progress {
  done: number
  /** null while unknown */
  total: number | null
  unit: 'bytes' | 'rows'
}
const POLL_MS = 700
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Fetch the list as a workbook: small ones come at once, large ones are made by a job that we watch. */
export async function exportCases(filters: Filters, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Blob> {
  const response = await rawRequest('/api/v1/cases/export', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ filters }),
    signal,
  })
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) return readAll(response, onProgress)
  return followJob((await response.json()) as ExportJob, onProgress, signal)
}

async function followJob(first: ExportJob, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Blob> {
  let job = first
  while (job.state === 'waiting' || job.state === 'running') {
    onProgress({ done: job.done, total: job.total || null, unit: 'rows' })
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    job = (await (await rawRequest(`/api/v1/cases/export/${job.id}`, { signal })).json()) as ExportJob
  }
  if (job.state === 'failed' || !job.url) throw new Error('export_failed')
  return readAll(await rawRequest(job.url, { signal }), onProgress)
}

async function readAll(response: Response, onProgress: (progress: Progress) => void): Promise<Blob> {
  const total = Number(response.headers.get('Content-Length')) || null
  const reader = response.body?.getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let done = 0
  for (;;) {
    const piece = await reader?.read()
    if (!piece || piece.done) break
    parts.push(new Uint8Array(piece.value))
    done += piece.value.byteLength
    onProgress({ done, total, unit: 'bytes' })
  }
  return new Blob(parts, { type: XLSX })
}
