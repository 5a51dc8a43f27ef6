import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Page } from '@/api'
import { get } from '@/contexts/administration'
import { useWords } from '@/ui/words'
import type { MatterType, StandardSet } from '../shapes'

interface DictionaryItem {
  code: string
  zh: string
  en: string
}

/** The lists behind the choices of the standards' forms; keys as `useAct().refresh` clears them. */
export function useMatterTypes() {
  const { t } = useI18n()
  const { word, pick } = useWords()
  const { data } = useQuery({
    queryKey: ['administration', '/matter-types', 'all'],
    queryFn: () => get<Page<MatterType>>('/matter-types', { limit: 1000 }),
    staleTime: 60_000,
  })
  const choices = computed(() =>
    (data.value?.items ?? []).map((one) => ({ value: one.id, label: `${one.code} ${word(one)} · ${t(`standards.kind.${one.kind}`)}` })),
  )
  /** Every large class once; components and matters may share a code, then both names are told. */
  const classes = computed(() => {
    const found = new Map<string, Set<string>>()
    for (const one of data.value?.items ?? []) {
      const names = found.get(one.class_code) ?? new Set<string>()
      found.set(one.class_code, names.add(pick(one.class_zh, one.class_en)))
    }
    return [...found].sort(([a], [b]) => a.localeCompare(b)).map(([value, names]) => ({ value, label: `${value} ${[...names].join(' / ')}` }))
  })
  /** Every large class of components and of matters, which are numbered alike: `component-01`. */
  const kindClasses = computed(() => {
    const found = new Map<string, string>()
    for (const one of data.value?.items ?? []) {
      found.set(`${one.kind}-${one.class_code}`, `${one.class_code} ${pick(one.class_zh, one.class_en)} · ${t(`standards.kind.${one.kind}`)}`)
    }
    return [...found].sort(([a], [b]) => a.localeCompare(b)).map(([value, label]) => ({ value, label }))
  })
  const classWord = (kind: string, code: string) =>
    kindClasses.value.find((one) => one.value === `${kind}-${code}`)?.label ?? classes.value.find((one) => one.value === code)?.label ?? code
  return { choices, classes, kindClasses, classWord }
}

export function useDepartmentKinds() {
  const { word } = useWords()
  const { data } = useQuery({
    queryKey: ['administration', 'department-kinds'],
    queryFn: () => get<Page<DictionaryItem>>('/administration/dictionaries/department_kind/items', { limit: 100 }),
    staleTime: 60_000,
  })
  const choices = computed(() => (data.value?.items ?? []).map((one) => ({ value: one.code, label: word(one) })))
  const departmentWord = (code: string) => choices.value.find((one) => one.value === code)?.label ?? code
  return { choices, departmentWord }
}

export const useStandardSets = () =>
  useQuery({ queryKey: ['administration', '/standard-sets'], queryFn: () => get<Page<StandardSet>>('/standard-sets') })
