import { type AsyncComponentLoader, type Component, defineAsyncComponent, type Ref, ref, watch } from 'vue'

const AT_THE_LATEST_MS = 10_000

/** A component that comes on its own: fetched when the browser has nothing else to do, or when it is first shown. */
export function laterComponent<Shown extends Component>(load: AsyncComponentLoader<Shown>): Shown {
  const fetch = () => void load().catch(() => undefined)
  if ('requestIdleCallback' in window) window.requestIdleCallback(fetch, { timeout: AT_THE_LATEST_MS })
  else setTimeout(fetch, AT_THE_LATEST_MS)
  return defineAsyncComponent(load)
}

/** Whether something has been open at least once: a dialog is built when it is first wanted, and then stays. */
export function useEverOpen(open: Ref<boolean>): Ref<boolean> {
  const ever = ref(open.value)
  watch(open, (isOpen) => (ever.value ||= isOpen), { flush: 'sync' })
  return ever
}
