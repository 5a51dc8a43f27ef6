import { useQueryClient } from '@tanstack/vue-query'
import { onScopeDispose } from 'vue'
import { useLive } from '@/live/store'

const WAIT_MS = 400
const CASES_WAIT_MS = 5_000

/** What another changes of components, of a census or of cases about them is fetched anew here, many changes at once. */
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
  // A busy city changes cases every second; few of them are about the component on the screen.
  let casesTimer: ReturnType<typeof setTimeout> | undefined
  const casesSoon = () => {
    casesTimer ??= setTimeout(() => {
      casesTimer = undefined
      void queries.invalidateQueries({ queryKey: ['cases', 'of-component'] })
    }, CASES_WAIT_MS)
  }
  const stops = [
    live.listen((event) => {
      if (/^(component|census)\./.test(event.kind)) soon()
      else if (event.kind.startsWith('case.')) casesSoon()
    }),
    live.onBack(soon),
  ]
  onScopeDispose(() => {
    stops.forEach((stop) => { stop() })
    clearTimeout(timer)
    clearTimeout(casesTimer)
  })
}
