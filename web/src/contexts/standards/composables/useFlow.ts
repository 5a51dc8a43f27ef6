import { useQuery } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { answer, client } from '@/api'
import type { components } from '@/api/generated/schema'
import { useWords } from '@/ui/words'

type Schemas = components['schemas']
export type Move = Schemas['MoveOut']
export type State = Schemas['StateOut']
type Named = Pick<Schemas['NameOut'], 'code' | 'zh' | 'en'>

/** The workflow table in the reader's words, narrowed by state and desk. */
export function useFlow() {
  const { t, te } = useI18n()
  const { word } = useWords()
  const query = useQuery({ queryKey: ['workflow', 'table'], queryFn: () => answer(client.GET('/api/v1/workflow')), staleTime: Infinity })
  const state = ref('')
  const desk = ref('')
  const hidesOff = ref(false)
  const table = computed(() => query.data.value)
  const nameIn = (list: Named[] | undefined, code: string) => word(list?.find((one) => one.code === code)) || (te(`standards.flow.${code}`) ? t(`standards.flow.${code}`) : code)
  const stateName = (code: string) => nameIn(table.value?.states, code)
  const deskName = (code: string) => nameIn(table.value?.desks, code)
  const stageName = (code: string) => (code === '*' ? t('standards.flow.every') : code === 'state' ? t('standards.flow.ofState') : nameIn(table.value?.stages, code))
  const stepName = (code: string) => nameIn(table.value?.steps, code)

  const moves = computed(() =>
    (table.value?.moves ?? []).filter((move) => (!state.value || move.from_states.includes(state.value) || move.to_state === state.value) && (!desk.value || move.desks.includes(desk.value)) && (!hidesOff.value || move.enabled)),
  )
  const fromOf = (move: Move) => {
    if (!move.from_states.length || move.from_states.includes('new')) return [t('standards.flow.new')]
    const open = table.value?.states.filter((one) => !one.terminal && one.code !== 'draft').length ?? 0
    return move.from_states.length >= open && open > 1 ? [t('standards.flow.anyState')] : move.from_states.map(stateName)
  }
  const photosOf = (move: Move) => Object.entries(move.photos).filter(([, n]) => n > 0).map(([phase, n]) => t('standards.flow.photos', { phase: t(`standards.flow.phase.${phase}`), n }, n))
  const needName = (code: string) => (te(`standards.flow.need.${code}`) ? t(`standards.flow.need.${code}`) : code)
  const needsOf = (move: Move) => [...move.needs.filter((one) => one !== 'photo').map(needName), ...photosOf(move)]
  const acceptsOf = (move: Move) => move.accepts.filter((one) => one !== 'photo').map(needName)
  const clocksOf = (move: Move) =>
    move.clock.map((text) => {
      const [op = '', stage = ''] = text.split(':')
      return `${stageName(stage)} ${t(`standards.flow.op.${op}`)}`
    })
  return { query, table, state, desk, hidesOff, moves, stateName, deskName, stageName, stepName, fromOf, needsOf, acceptsOf, clocksOf }
}
