import { computed, ref, watch } from 'vue'
import { type ApiProblem, asProblem } from '@/api'
import { type ImportRun, startRun } from '../api'
import type { ImportDoor } from '../door'

/** What is to be imported, and sending it; a try and the import itself send the same file. */
export function useStart({ path }: ImportDoor, onStarted: (run: ImportRun) => void) {
  const file = ref<File | null>(null)
  const code = ref('')
  const ownMapping = ref<File | null>(null)
  const sending = ref<'trial' | 'import' | ''>('')
  const sent = ref(0)
  const problem = ref<ApiProblem | null>(null)
  const mapping = computed(() => ownMapping.value ?? code.value)
  const isReady = computed(() => Boolean(file.value && mapping.value && !sending.value))
  watch([file, mapping], () => (problem.value = null))

  async function send(isTrial: boolean) {
    if (!file.value || !isReady.value) return
    sending.value = isTrial ? 'trial' : 'import'
    sent.value = 0
    problem.value = null
    try {
      onStarted(await startRun({ path, file: file.value, mapping: mapping.value, isTrial }, (ratio) => (sent.value = ratio)))
    } catch (error) {
      problem.value = asProblem(error)
    } finally {
      sending.value = ''
    }
  }
  return { file, code, ownMapping, sending, sent, problem, isReady, send }
}
