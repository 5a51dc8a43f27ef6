import { type QueryKey, useQueryClient } from '@tanstack/vue-query'
import { onUnmounted, ref, type Ref, watch } from 'vue'
import type { Id } from '@/api'
import { type LiveEvent, useLive } from '@/live/store'
import { useSession } from '@/session/store'
import { effectsOf, withoutRepeats } from './liveEffects'

/** Several events within this time cost one refetch; well under the two seconds promised to the desks. */
const GATHER_MS = 150

/** Keep a desk true while others work: refetch what an event changed, and tell who changed the open case. */
export function useCaseLive(openCase: Ref<Id | null>) {
  const queries = useQueryClient()
  const live = useLive()
  const session = useSession()
  const lastChange = ref<LiveEvent | null>(null)
  let gathered: QueryKey[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    timer = undefined
    const stale = withoutRepeats(gathered)
    gathered = []
    stale.forEach((queryKey) => void queries.invalidateQueries({ queryKey }))
  }
  function hear(event: LiveEvent) {
    const effects = effectsOf(event, openCase.value)
    gathered.push(...effects.stale)
    const isOwn = event.data.by === session.me?.person.id
    if (effects.isOpenCase && !isOwn) lastChange.value = event
    if (effects.stale.length) timer ??= setTimeout(flush, GATHER_MS)
  }
  const stopListening = live.listen(hear)
  watch(openCase, () => (lastChange.value = null))
  onUnmounted(() => {
    stopListening()
    clearTimeout(timer)
  })
  return { lastChange }
}
