import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { serverNow } from '@/api/serverTime'

const now = ref(serverNow())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The present on the server's clock [ms], ticking every second; one timer for the whole page. */
export function useNow(): Readonly<Ref<number>> {
  users += 1
  now.value = serverNow()
  timer ??= setInterval(() => (now.value = serverNow()), 1000)
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return readonly(now)
}
