import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connect, Plugin } from 'vite'
import { answer, type Told } from './answers.ts'
import { people } from './people.ts'
import { tile } from './tiles.ts'

const listeners = new Set<ServerResponse>()
let sequence = 0

const personOf = (request: IncomingMessage) => {
  const name = /(?:^|;\s*)who=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  return people.find((person) => person.username === name) ?? null
}
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString()
  return request.headers['content-type']?.includes('json') && text ? (JSON.parse(text) as Record<string, unknown>) : {}
}
function photo(path: string, response: ServerResponse) {
  const [label = '', tone = '0'] = path.split('/').slice(-2).map(decodeURIComponent)
  const hue = 190 + (Number(tone) % 40)
  response.setHeader('Content-Type', 'image/svg+xml')
  response.end(`<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><defs><linearGradient id="g" y2="1"><stop stop-color="hsl(${hue} 22% 72%)"/><stop offset=".55" stop-color="hsl(${hue} 14% 60%)"/><stop offset=".56" stop-color="hsl(30 6% 52%)"/><stop offset="1" stop-color="hsl(30 6% 40%)"/></linearGradient></defs><rect width="800" height="600" fill="url(#g)"/><ellipse cx="${300 + (Number(tone) % 7) * 40}" cy="450" rx="120" ry="42" fill="#2b2b2b" opacity=".55"/><text x="24" y="572" font-size="26" fill="#fff" font-family="sans-serif">${label}</text></svg>`)
}
function live(request: IncomingMessage, response: ServerResponse) {
  if (!personOf(request)) {
    response.statusCode = 401
    response.end()
    return
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write('retry: 2000\n\n')
  const beat = setInterval(() => response.write(': beat\n\n'), 15_000)
  listeners.add(response)
  request.on('close', () => {
    clearInterval(beat)
    listeners.delete(response)
  })
}
function tell({ changed }: Told, by: number | null) {
  if (!changed) return
  sequence += 1
  const { of, act } = changed
  const data = JSON.stringify({ at: new Date().toISOString(), case_id: of.id, number: of.number, act, state: of.state, desk: of.holder.desk, light: of.light, by, version: of.version })
  for (const listener of listeners) listener.write(`id: 1-${sequence}\nevent: case.${act}\ndata: ${data}\n\n`)
}
async function api(request: IncomingMessage, response: ServerResponse, url: URL) {
  const path = url.pathname.replace('/api/v1', '')
  if (path.startsWith('/mock-photo/')) {
    photo(path, response)
    return
  }
  const person = personOf(request)
  const body = await bodyOf(request)
  await new Promise((resolve) => setTimeout(resolve, 60))
  const isUpload = path === '/attachments' && request.method === 'POST'
  const told = isUpload ? { status: 201, body: { id: `u${Date.now()}`, url: '/api/v1/mock-photo/upload/1', thumbnail: null } } : answer({ method: request.method ?? 'GET', path, query: url.searchParams, body, person })
  tell(told, person?.id ?? null)
  response.writeHead(told.status, { 'Content-Type': told.status < 400 ? 'application/json' : 'application/problem+json', Date: new Date().toUTCString(), ...('headers' in told ? told.headers : {}) })
  response.end(told.body === undefined ? undefined : JSON.stringify(told.body))
}

const handle: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, layer, z, x, y] = /^\/tiles\/(\w+)\/(\d+)\/(\d+)\/(\d+)\.mvt$/.exec(url.pathname) ?? []
  if (layer) {
    response.setHeader('Content-Type', 'application/vnd.mapbox-vector-tile')
    response.end(tile(layer, Number(z), Number(x), Number(y)))
  } else if (url.pathname === '/live') live(request, response)
  else if (url.pathname.startsWith('/api/v1/')) void api(request, response, url)
  else next()
}

/** The policy the server sends with the pages, so that a breach shows while developing. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'"
const guard: Connect.NextHandleFunction = (_request, response, next) => {
  response.setHeader('Content-Security-Policy', POLICY)
  next()
}

/** Answers the API from memory while developing without a back end, for `vite` and for `vite preview`. */
export function mockApi(): Plugin {
  return {
    name: 'chengyun-mock-api',
    apply: 'serve',
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(guard).use(handle),
  }
}
