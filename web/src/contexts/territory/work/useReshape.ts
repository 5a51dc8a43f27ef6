import { useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useTrying } from '../composables/useTrying'
import type { Draft, Mode, Reshaped } from './types'
import { answer, client } from '@/api'
import { useAct } from '@/contexts/administration'

const TWO = 2

/** Choosing grids on the map, drawing a cut, a trial of what would come, and doing it. */
export function useReshape(mode: Ref<Mode>) {
  const { t } = useI18n()
  const { ask } = useAct()
  const queries = useQueryClient()
  const codes = ref<string[]>([])
  const line = ref<[number, number][]>([])
  const carries = ref(true)
  const trial = ref<Reshaped | null>(null)
  const { refusal, busy, tried } = useTrying()
  const isReady = computed(() => {
    if (mode.value === 'split') return codes.value.length === 1 && line.value.length >= TWO
    return codes.value.length >= (mode.value === 'retire' ? 1 : TWO)
  })
  const draft = computed<Draft>(() => ({ codes: codes.value, line: line.value, made: trial.value?.made ?? [] }))

  function clear() {
    codes.value = []
    line.value = []
    trial.value = null
    refusal.value = ''
  }
  watch(mode, clear)
  // A trial speaks of the choice it was got from.
  watch([codes, line], () => {
    trial.value = null
    refusal.value = ''
  })

  async function press(lon: number, lat: number) {
    if (mode.value === 'check' || mode.value === 'export') return
    if (mode.value === 'split' && codes.value.length) {
      line.value = [...line.value, [lon, lat]]
      return
    }
    const found = await tried(() => answer(client.GET('/api/v1/territory/grids/at', { params: { query: { lon, lat } } })))
    if (!found) return
    const code = found.grid.code
    codes.value = codes.value.includes(code) ? codes.value.filter((one) => one !== code) : [...codes.value, code]
  }
  function send(isTrial: boolean): Promise<Reshaped> {
    if (mode.value === 'retire') return answer(client.POST('/api/v1/territory/grids/retire', { body: { codes: codes.value, dry_run: isTrial } }))
    const wishes = { carry_duties: carries.value, dry_run: isTrial }
    if (mode.value === 'merge') return answer(client.POST('/api/v1/territory/grids/merge', { body: { codes: codes.value, ...wishes } }))
    const code = codes.value[0] ?? ''
    return answer(client.POST('/api/v1/territory/grids/{code}/split', { params: { path: { code } }, body: { line: line.value, ...wishes } }))
  }
  async function preview() {
    trial.value = await tried(() => send(true))
  }
  async function confirm() {
    const question = t(`territory.work.${mode.value}Question`, { codes: codes.value.join('、'), count: trial.value?.made.length ?? 0 })
    if (!(await ask(question, () => send(false), t('territory.work.reshaped')))) return
    clear()
    await queries.invalidateQueries({ queryKey: ['territory'] })
  }
  return { codes, line, carries, trial, refusal, busy, isReady, draft, clear, press, preview, confirm, undo: () => (line.value = line.value.slice(0, -1)) }
}
