import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Light } from '@/ui/span'
import type { LiveState } from './connection'
import { type LiveLine, openLine } from './sharing'

/** What /live tells: who did what to which case. Other contexts add their own fields. */
export interface LiveEvent {
  id: string
  kind: string
  /** when this desk heard it [ms since 1970] */
  heard_at: number
  /** `by` is the id of the person who acted, null when it was the platform itself */
  data: { at?: string; case_id?: number; number?: string; act?: string; state?: string; desk?: string; light?: Light; by?: number | null; version?: number }
}
type Handler = (event: LiveEvent) => void

const KEPT = 50

export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('off')
  const brokenSince = ref<number | null>(null)
  const messages = shallowRef<LiveEvent[]>([])
  const unread = ref(0)
  const isStale = computed(() => state.value === 'stale')
  const handlers = new Set<Handler>()
  const backHandlers = new Set<() => void>()
  let line: LiveLine | null = null

  function setState(value: LiveState) {
    const wasBroken = brokenSince.value !== null
    if (value === 'stale') brokenSince.value ??= Date.now()
    if (value === 'live') brokenSince.value = null
    state.value = value
    if (value === 'live' && wasBroken) backHandlers.forEach((handler) => { handler() })
  }

  function take(id: string, kind: string, text: string) {
    const data = JSON.parse(text) as LiveEvent['data']
    const event: LiveEvent = { id, kind, data, heard_at: Date.now() }
    messages.value = [event, ...messages.value].slice(0, KEPT)
    unread.value += 1
    handlers.forEach((handler) => { handler(event) })
  }

  function start(onRefused: () => void) {
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
