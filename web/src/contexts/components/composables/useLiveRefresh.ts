import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose } from 'vue'
import { useLive } from '@/live/store'

const WAIT_MS = 400

/** What another changes of components or of a census is fetched anew here, many changes at once. */
export function useLiveRefresh() {
  const live = useLive()
  const queries = useQueryClient()
  let timer: ReturnType<typeof setTimeout> | undefined
  const fetchAnew = () => {
    timer = undefined
    void queries.invalidateQueries({ queryKey: ['administration'] })
    void queries.invalidateQueries({ queryKey: ['components', 'by-code'] })
  }
  const soon = () => {
    timer ??= setTimeout(fetchAnew, WAIT_MS)
  }
  const stops = [live.listen((event) => { if (/^(component|census)\./.test(event.kind)) soon() }), live.onBack(soon)]
  onScopeDispose(() => {
    stops.forEach((stop) => { stop() })
    clearTimeout(timer)
  })
}
