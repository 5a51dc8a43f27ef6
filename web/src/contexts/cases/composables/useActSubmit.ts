import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref } from 'vue'
import { type Act, type ActResult, type ApiProblem, asProblem, type CaseDetail, type CaseRow } from '@/api'
import { act as send, actOnMany, getCase, keys, newIdempotencyKey } from '../api'
import { bodyOf, emptyValues, fieldsOf, missingOf } from './actForm'

/** One filling-in of an act's form. The key makes a repeated press or a retry count once. */
export function useActSubmit(act: Act, first: CaseDetail) {
  const queries = useQueryClient()
  const values = reactive(emptyValues())
  const problem = ref<ApiProblem | null>(null)
  const tried = ref(false)
  const busy = ref(false)
  const overtaken = ref<'changed' | 'gone' | null>(null)
  let version = first.version
  let key = newIdempotencyKey()

  const fields = computed(() => fieldsOf(act))
  const missing = computed(() => missingOf(act, values))
  const isMissing = (name: string) => tried.value && missing.value.some((field) => field === name)

  /** Someone was faster: load the present state and let the user look before sending again. */
  async function reload() {
    const now = await getCase(first.id)
    queries.setQueryData(keys.detail(first.id), now)
    version = now.version
    key = newIdempotencyKey()
    overtaken.value = now.acts.some((other) => other.act === act.act && other.enabled) ? 'changed' : 'gone'
  }
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    tried.value = true
    if (missing.value.length || busy.value) return null
    busy.value = true
    problem.value = null
    try {
      return await work()
    } catch (error) {
      problem.value = asProblem(error)
      // A refusal is an answer to this key; a corrected form is a new request.
      if (problem.value.status > 0) key = newIdempotencyKey()
      if (problem.value.status === 412) await reload().catch(() => undefined)
      return null
    } finally {
      busy.value = false
    }
  }

  const submit = () =>
    attempt(async () => {
      const after = await send(first.id, bodyOf(act, values, version), key)
      queries.setQueryData(keys.detail(first.id), after)
      await refresh()
      return after
    })
  const submitMany = (rows: CaseRow[]): Promise<ActResult[] | null> =>
    attempt(async () => {
      const { results } = await actOnMany(rows.map((row) => row.id), bodyOf(act, values))
      await refresh()
      return results
    })
  async function refresh() {
    void queries.invalidateQueries({ queryKey: keys.queues })
    void queries.invalidateQueries({ queryKey: keys.one(first.id) })
    await queries.invalidateQueries({ queryKey: keys.lists })
  }

  return { values, fields, problem, busy, overtaken, isMissing, submit, submitMany }
}
