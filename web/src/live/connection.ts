import { EventReader, type ServerEvent } from './sse'

export type LiveState = 'connecting' | 'live' | 'stale' | 'off'

export interface LiveListener {
  onState(state: LiveState): void
  onEvent(event: ServerEvent): void
  /** the server no longer knows our session */
  onRefused(): void
}

/** The server writes a comment every 15 s; three missed ones mean the line is dead. */
const SILENCE_MS = 45_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/** Waiting time before attempt `n` (0 first): doubling, bounded, spread so that desks do not come back all at once. */
export function backoff_ms(n: number, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** n, LONGEST_WAIT_MS)
  return Math.round(whole * (0.5 + random() / 2))
}

/** Keeps one connection to /live and comes back by itself after a break, resuming where it was. */
export class LiveConnection {
  private readonly listener: LiveListener
  private readonly url: string
  private stopper: AbortController | null = null
  private lastId = ''
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(listener: LiveListener, url = '/live') {
    this.listener = listener
    this.url = url
  }

  start() {
    if (this.stopper) return
    this.listener.onState('connecting')
    void this.connect()
  }

  stop() {
    clearTimeout(this.timer)
    this.stopper?.abort()
    this.stopper = null
    this.listener.onState('off')
  }

  private async connect() {
    const stopper = new AbortController()
    this.stopper = stopper
    try {
      await this.read(stopper)
    } catch {
      // A break of the line is ordinary; the state below tells the user.
    }
    if (this.stopper !== stopper) return
    this.listener.onState('stale')
    this.timer = setTimeout(() => void this.connect(), backoff_ms(this.failures++))
  }

  private async read(stopper: AbortController) {
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (this.lastId) headers['Last-Event-ID'] = this.lastId
    const response = await fetch(this.url, { headers, signal: stopper.signal, cache: 'no-store' })
    if (response.status === 401) this.listener.onRefused()
    if (!response.ok || !response.body) throw new Error(`live: ${response.status}`)
    this.failures = 0
    this.listener.onState('live')
    await this.drain(response.body, stopper)
  }

  private async drain(body: ReadableStream<Uint8Array>, stopper: AbortController) {
    const reader = body.getReader()
    const decoder = new TextDecoder()
    const events = new EventReader()
    for (;;) {
      const watchdog = setTimeout(() => void reader.cancel(), SILENCE_MS)
      const { done, value } = await reader.read().finally(() => {
        clearTimeout(watchdog)
      })
      if (done || stopper.signal.aborted) return
      for (const event of events.push(decoder.decode(value, { stream: true }))) this.listener.onEvent(event)
      this.lastId = events.lastId || this.lastId
    }
  }
}
