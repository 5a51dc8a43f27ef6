import { rawRequest } from '@/api'

export type Query = Record<string, string | number | boolean | null | undefined>

function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `/api/v1${path}${text ? `?${text}` : ''}`
}

async function send<T>(method: string, path: string, body?: unknown, query?: Query): Promise<T> {
  const init: RequestInit = { method }
  if (body instanceof FormData) init.body = body
  else if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { 'Content-Type': 'application/json' }
  }
  const response = await rawRequest(address(path, query), init)
  return (response.status === 204 ? undefined : await response.json()) as T
}

export const get = <T>(path: string, query?: Query) => send<T>('GET', path, undefined, query)
export const post = <T>(path: string, body?: unknown) => send<T>('POST', path, body ?? {})
export const put = <T>(path: string, body?: unknown) => send<T>('PUT', path, body ?? {})
export const patch = <T>(path: string, body: unknown) => send<T>('PATCH', path, body)
export const remove = (path: string) => send<undefined>('DELETE', path)
export type * from './shapes'
