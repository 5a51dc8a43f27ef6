import { onMounted, onUnmounted, toValue, type MaybeRefOrGetter } from 'vue'

export type KeyMap = Record<string, (event: KeyboardEvent) => void>

const TYPING = 'input, textarea, select, [contenteditable="true"], [role="combobox"]'
const OVERLAYS = '.el-overlay, .el-image-viewer__wrapper'

/** An overlay that is fading away no longer has the user's attention. */
const isShown = (element: Element) => !element.className.includes('leave-active') && getComputedStyle(element).display !== 'none'

/** Is the user writing, or is a dialog above the page? Then letters are letters. */
function isElsewhere(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest(TYPING)) return true
  return [...document.querySelectorAll(OVERLAYS)].some(isShown)
}

/** The function bound to a key press, if the press is meant for the page: no modifier, not while typing. */
export function boundTo(event: KeyboardEvent, keys: KeyMap): ((event: KeyboardEvent) => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined
  return keys[event.key] ?? (event.key.length === 1 ? keys[event.key.toLowerCase()] : undefined)
}

/** Bind single keys while the component is on the page. Letters match in either case. */
export function useKeys(keys: MaybeRefOrGetter<KeyMap>, options: { enabled?: MaybeRefOrGetter<boolean> } = {}) {
  const hear = (event: KeyboardEvent) => {
    if (event.defaultPrevented || toValue(options.enabled) === false || isElsewhere(event)) return
    const act = boundTo(event, toValue(keys))
    if (!act) return
    event.preventDefault()
    act(event)
  }
  onMounted(() => {
    window.addEventListener('keydown', hear)
  })
  onUnmounted(() => {
    window.removeEventListener('keydown', hear)
  })
}
