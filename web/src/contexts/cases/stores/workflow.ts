import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { getWorkflow, type Workflow } from '../api'

export type NamedList = 'states' | 'sources' | 'stages' | 'desks'
interface Name {
  code: string
  zh: string
  en: string
}
const LISTS: readonly NamedList[] = ['states', 'sources', 'stages', 'desks']
const byCode = (names: Name[]) => new Map(names.map((name) => [name.code, name]))

/** The workflow table of the platform: the names of its codes. Fetched once, it changes only with the program. */
export const useWorkflow = defineStore('cases.workflow', () => {
  const table = shallowRef<Workflow | null>(null)
  let asked: Promise<void> | null = null

  const names = computed(() => {
    const known = table.value
    return known && (Object.fromEntries(LISTS.map((list) => [list, byCode(known[list])])) as Record<NamedList, Map<string, Name>>)
  })
  const states = computed(() => table.value?.states ?? [])
  const sources = computed(() => table.value?.sources ?? [])

  /** A desk that could not fetch it asks again with the next screen. */
  function load() {
    asked ??= getWorkflow()
      .then((found) => {
        table.value = found
      })
      .catch(() => {
        asked = null
      })
    return asked
  }
  return { table, names, states, sources, load }
})
