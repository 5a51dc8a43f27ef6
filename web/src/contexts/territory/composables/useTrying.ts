import { ref } from 'vue'
import { type ApiProblem, asProblem } from '@/api'

/** Runs an act; keeps why it was refused, whole and in words. */
export function useTrying() {
  const problem = ref<ApiProblem | null>(null)
  const refusal = ref('')
  const busy = ref(false)
  function clear() {
    problem.value = null
    refusal.value = ''
  }
  async function tried<T>(act: () => Promise<T>): Promise<T | null> {
    clear()
    busy.value = true
    try {
      return await act()
    } catch (error) {
      const now = asProblem(error)
      problem.value = now
      refusal.value = now.errors[0]?.message ?? (now.detail || now.message)
      return null
    } finally {
      busy.value = false
    }
  }
  /** For what writes: a second press while the first is under way does nothing. */
  const triedOnce = async <T>(act: () => Promise<T>): Promise<T | null> => (busy.value ? null : tried(act))
  return { problem, refusal, busy, clear, tried, triedOnce }
}
