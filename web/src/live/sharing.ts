import { LiveConnection, type LiveListener, type LiveState } from './connection'
import type { ServerEvent } from './sse'

type Word = { kind: 'state'; state: LiveState } | { kind: 'event'; event: ServerEvent } | { kind: 'refused' } | { kind: 'who' }

export interface LiveLine {
  stop(): void
}

/**
 * Over HTTP/1.1 a browser opens six connections to a server: seven tabs with one live stream each would block the
 * desk. One tab holds the stream and tells the others; when it closes, the next takes over.
 */
function sharedLine(listener: LiveListener): LiveLine {
  const channel = new BroadcastChannel('chengyun-live')
  const leaving = new AbortController()
  let connection: LiveConnection | null = null
  let state: LiveState = 'connecting'
  const say = (word: Word) => {
    channel.postMessage(word)
  }
  const hear = (word: Word) => {
    if (word.kind === 'state') listener.onState(word.state)
    else if (word.kind === 'event') listener.onEvent(word.event)
    else if (word.kind === 'refused') listener.onRefused()
    else if (connection) say({ kind: 'state', state })
  }
  const both = (word: Word) => {
    if (word.kind === 'state') state = word.state
    hear(word)
    say(word)
  }
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    hear(data)
  }
  listener.onState('connecting')
  say({ kind: 'who' })
  const hold = () =>
    new Promise<void>((resolve) => {
      leaving.signal.addEventListener('abort', () => {
        resolve()
      })
      connection = new LiveConnection({
        onState: (value) => {
          both({ kind: 'state', state: value })
        },
        onEvent: (event) => {
          both({ kind: 'event', event })
        },
        onRefused: () => {
          both({ kind: 'refused' })
        },
      })
      connection.start()
    })
  navigator.locks.request('chengyun-live', { signal: leaving.signal }, hold).catch(() => undefined)
  return {
    stop() {
      connection?.stop()
      leaving.abort()
      channel.close()
    },
  }
}

/** Without locks (plain http on an intranet name): own stream per tab, given back while the tab is hidden. */
function ownLine(listener: LiveListener): LiveLine {
  const connection = new LiveConnection(listener)
  const follow = () => {
    if (document.hidden) connection.stop()
    else connection.start()
  }
  document.addEventListener('visibilitychange', follow)
  connection.start()
  return {
    stop() {
      document.removeEventListener('visibilitychange', follow)
      connection.stop()
    },
  }
}

export const openLine = (listener: LiveListener): LiveLine =>
  'locks' in navigator && 'BroadcastChannel' in window ? sharedLine(listener) : ownLine(listener)
