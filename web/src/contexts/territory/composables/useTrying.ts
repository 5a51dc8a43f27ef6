import { ref } from 'vue'
import { asProblem } from '@/api'

/** Runs an act, tells a refusal in words. */
export function useTrying() {
  const refusal = ref('')
  const busy = ref(false)
  async function tried<T>(act: () => Promise<T>): Promise<T | null> {
    refusal.value = ''
    busy.value = true
    try {
      return await act()
    } catch (error) {
      const problem = asProblem(error)
      refusal.value = problem.errors[0]?.message ?? (problem.detail || problem.message)
      return null
    } finally {
      busy.value = false
    }
  }
  return { refusal, busy, tried }
}
