import { useQuery } from '@tanstack/vue-query'
import { refDebounced } from '@vueuse/core'
import { computed, reactive, ref, watch } from 'vue'
import { type ApiProblem, asProblem, type CaseDetail, fieldMessage } from '@/api'
import { newIdempotencyKey, report, suggest } from '../api'
import { draftOf, emptyForm, isFromPublic, missingIn, type RegisterField, type RegisterForm } from './registerForm'
import { useSession } from '@/session/store'

const KEPT_AS = 'chengyun.register'

/** Registering one case: the form, kept through a reload; what is near; sending exactly once. */
export function useRegister() {
  const session = useSession()
  const ownSource = session.can('case.act.collector') ? 'collector' : 'hotline'
  const form = reactive<RegisterForm>(emptyForm(ownSource))
  const problem = ref<ApiProblem | null>(null)
  const tried = ref(false)
  const busy = ref(false)
  let key = newIdempotencyKey()

  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? 'null')
    if (kept && typeof kept === 'object') Object.assign(form, kept, { attachments: [] })
  } catch {
    sessionStorage.removeItem(KEPT_AS)
  }
  watch(form, (now) => {
    sessionStorage.setItem(KEPT_AS, JSON.stringify(now))
  })

  const spot = refDebounced(computed(() => ({ lon: form.lon, lat: form.lat, type: form.type })), 300)
  const placed = computed(() => spot.value.lon !== null && spot.value.lat !== null)
  const found = useQuery({
    queryKey: computed(() => ['cases', 'suggest', spot.value]),
    queryFn: () => suggest({ lon: spot.value.lon ?? 0, lat: spot.value.lat ?? 0, crs: 'EPSG:4490' }, spot.value.type),
    enabled: placed,
    staleTime: 10_000,
  })
  const isPublic = computed(() => isFromPublic(form))
  const missing = computed(() => missingIn(form))
  const isMissing = (field: RegisterField) => tried.value && missing.value.includes(field)
  const serverSays = (field: RegisterField) => fieldMessage(problem.value, field)

  async function submit(): Promise<CaseDetail | null> {
    tried.value = true
    if (missing.value.length || busy.value) return null
    busy.value = true
    problem.value = null
    try {
      const made = await report(draftOf(form), key)
      clear()
      return made
    } catch (error) {
      problem.value = asProblem(error)
      if (problem.value.status > 0) key = newIdempotencyKey()
      return null
    } finally {
      busy.value = false
    }
  }
  function clear() {
    Object.assign(form, emptyForm(form.source))
    key = newIdempotencyKey()
    tried.value = false
    problem.value = null
    sessionStorage.removeItem(KEPT_AS)
  }
  return { form, found, isPublic, problem, busy, isMissing, serverSays, submit, clear }
}
