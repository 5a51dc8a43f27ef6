import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import type { Page } from '@/api'
import { get } from '@/contexts/administration'
import { useWords } from '@/ui/words'
import type { ComponentType, Word } from '../shapes'

const FIVE_MINUTES_MS = 300_000

/** The words that forms and filters offer: types, states, sources. */
export function useReference() {
  const { word } = useWords()
  const types = useQuery({ queryKey: ['components', 'types'], queryFn: () => get<Page<ComponentType>>('/component-types', { limit: 500 }), staleTime: FIVE_MINUTES_MS })
  const wordsOf = (code: string) => useQuery({ queryKey: ['components', 'words', code], queryFn: () => get<Page<Word>>(`/administration/dictionaries/${code}/items`, { active: true, limit: 100 }), staleTime: FIVE_MINUTES_MS })
  const states = wordsOf('component_state')
  const sources = wordsOf('component_source')
  const choices = (rows: Word[] | undefined) => (rows ?? []).map((one) => ({ value: one.code, label: word(one) }))
  return {
    types: computed(() => (types.data.value?.items ?? []).map((one) => ({ value: one.code, label: `${one.code} ${word(one)}` }))),
    states: computed(() => choices(states.data.value?.items)),
    sources: computed(() => choices(sources.data.value?.items)),
  }
}
