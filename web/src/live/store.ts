import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Light } from '@/ui/span'
import type { LiveState } from './connection'
import { type LiveLine, openLine } from './sharing'

interface Names {
  zh: string
  en: string
}
export interface LiveData {
  at?: string
  case_id?: number
  number?: string
  title?: string
  act?: string
  act_name?: Names | null
  state?: string
  state_name?: Names | null
  desk?: string
  light?: Light
  /** the id of the person who acted, null when it was the platform itself */
  by?: number | null
  by_name?: string | null
  version?: number
}
/** What /live tells: who did what to which case. Other contexts add their own fields. */
export interface LiveEvent {
  id: string
  kind: string
  /** when this desk heard it [ms since 1970] */
  heard_at: number
  data: LiveData
}
type Handler = (event: LiveEvent) => void

const KEPT = 50

function readData(text: string): LiveData {
  try {
    return JSON.parse(text) as LiveData
  } catch {
    return {}
  }
}

export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('off')
  const brokenSince = ref<number | null>(null)
  const messages = shallowRef<LiveEvent[]>([])
  const unread = ref(0)
  const isStale = computed(() => state.value === 'stale')
  const handlers = new Set<Handler>()
  const backHandlers = new Set<() => void>()
  let line: LiveLine | null = null
  let ownId: number | null = null

  function setState(value: LiveState) {
    const wasBroken = brokenSince.value !== null
    if (value === 'stale') brokenSince.value ??= Date.now()
    if (value === 'live') brokenSince.value = null
    state.value = value
    if (value === 'live' && wasBroken) backHandlers.forEach((handler) => { handler() })
  }

  function take(id: string, kind: string, text: string) {
    // Too much was missed to be told one by one: everything on the screen is fetched anew.
    if (kind === 'reset') {
      backHandlers.forEach((handler) => { handler() })
      return
    }
    const event: LiveEvent = { id, kind, data: readData(text), heard_at: Date.now() }
    if (event.data.case_id !== undefined) {
      messages.value = [event, ...messages.value].slice(0, KEPT)
      if (event.data.by !== ownId) unread.value += 1
    }
    handlers.forEach((handler) => { handler(event) })
  }

  /** `own` is who sits here: what he does himself is no news to him. */
  function start(onRefused: () => void, own: number | null = null) {
    ownId = own
    line ??= openLine({ onState: setState, onEvent: ({ id, kind, data }) => { take(id, kind, data) }, onRefused })
  }
  function stop() {
    line?.stop()
    line = null
  }
  /** Hear every event until the returned function is called. */
  function listen(handler: Handler): () => void {
    handlers.add(handler)
    return () => handlers.delete(handler)
  }
  /** Hear that the line is back after a break: what was missed must be fetched. */
  function onBack(handler: () => void): () => void {
    backHandlers.add(handler)
    return () => backHandlers.delete(handler)
  }
  const markRead = () => { unread.value = 0 }
  const clear = () => { messages.value = [] }

  return { state, brokenSince, isStale, messages, unread, start, stop, listen, onBack, markRead, clear }
})
