import createClient, { type Middleware } from 'openapi-fetch'
import { begun } from './begun'
import type { paths, Problem } from './contract'
import { ApiProblem, unreachable } from './problem'
import { noteServerTime } from './serverTime'

let language = 'zh-CN'
let onUnauthenticated: () => void = () => undefined

export const setApiLanguage = (value: string) => {
  language = value
}
/** Called when a request is refused because the session is gone (not for a failed sign-in). */
export const whenUnauthenticated = (handler: () => void) => {
  onUnauthenticated = handler
}

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ''
}

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', language)
    if (request.method !== 'GET') request.headers.set('X-CSRFToken', csrfToken())
    return request
  },
  onResponse({ response }) {
    noteServerTime(response.headers.get('Date'))
  },
}

export const client = createClient<paths>({ baseUrl: '', fetch: (request) => begun(request.method, request.url) ?? fetch(request) })
client.use(headers)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Unwrap an answer of `client`: the data, or throw an `ApiProblem`. */
export async function answer<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending.catch(() => {
    throw unreachable()
  })
  if (response.ok) return data as T
  throw problemOf(response, error)
}

function problemOf(response: Response, error: unknown): ApiProblem {
  const isAboutSession = response.url.endsWith('/api/v1/session')
  if (response.status === 401 && !isAboutSession) onUnauthenticated()
  const body = typeof error === 'object' && error !== null ? (error as Partial<Problem>) : {}
  return new ApiProblem({ ...body, status: response.status })
}

/** For the few routes that do not speak JSON (files, streams): the raw answer, or throw. */
export async function rawRequest(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, {
    ...init,
    headers: { 'Accept-Language': language, 'X-CSRFToken': csrfToken(), ...init.headers },
  }).catch(() => {
    throw unreachable()
  })
  if (response.ok) return response
  throw problemOf(response, await response.json().catch(() => undefined))
}

export const newIdempotencyKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
