import { useQuery } from '@tanstack/vue-query'
import { useDebounceFn } from '@vueuse/core'
import { computed, nextTick, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import type { Id } from '@/api'
import { askQueues } from './asking'
import { narrowing, useFilters } from './filters'
import { firstQueue, neighbour, successor } from './selection'
import { useCaseList } from './useCaseList'
import { usePreferences } from '@/session/preferences'
import { useWords } from '@/ui/words'

/** Holding an arrow key runs through the rows; only where it rests is the case fetched. */
const REST_MS = 120

/** The workbench: which list, which row of it, and what to open after an act. */
export function useDesk() {
  const route = useRoute()
  const router = useRouter()
  const { t } = useI18n()
  const { word } = useWords()
  const preferences = usePreferences()
  const { filters, replace, set } = useFilters()
  const { data: queues } = useQuery(askQueues)
  /** Without a word in the address the desk opens its first queue; until that is known no list is fetched. */
  const nothingAsked = computed(() => Object.keys(filters.value).length === 0)
  const list = useCaseList(filters, computed(() => !nothingAsked.value || queues.value?.length === 0))

  const fromAddress = computed(() => (typeof route.query.case === 'string' ? Number(route.query.case) || null : null))
  /** the row the cursor stands on; the open case follows when it rests */
  const cursor = ref<Id | null>(fromAddress.value)
  const opened = computed(() => fromAddress.value)

  const open = (id: Id | null) => router.replace({ query: { ...route.query, case: id === null ? undefined : String(id) } })
  const openRested = useDebounceFn((id: Id) => { if (cursor.value === id) void open(id) }, REST_MS)
  function choose(id: Id) {
    cursor.value = id
    void open(id)
  }
  function move(step: number) {
    const next = neighbour(list.ids.value, cursor.value, step)
    if (next === null || next === cursor.value) return
    cursor.value = next
    void openRested(next)
  }
  /** After an own act: on to the row that takes this one's place, if the user likes it so and the case left the list. */
  async function afterAct(id: Id, before: Id[]) {
    await nextTick()
    if (!preferences.goesOn || list.ids.value.includes(id)) return
    const next = successor(before, id)
    if (next !== null && list.ids.value.includes(next)) choose(next)
  }
  watch(fromAddress, (id) => { if (id !== null) cursor.value = id })
  watch([list.ids, filters], ([ids]) => {
    if (cursor.value === null && ids[0] !== undefined && !list.query.isPlaceholderData.value) choose(ids[0])
  }, { immediate: true })

  const queue = computed(() => queues.value?.find((one) => one.code === filters.value.queue))
  const heading = computed(() => (queue.value ? word(queue.value) : t('cases.queue.library')))
  const total = computed(() => {
    if (!list.query.hasNextPage.value && !list.query.isPending.value) return list.rows.value.length
    return queue.value && narrowing(filters.value) === 0 ? queue.value.count : null
  })
  /** Another list: begin at its first row. */
  function chooseList(next: Record<string, string>) {
    cursor.value = null
    return replace(next, false)
  }
  watch([queues, nothingAsked], ([all]) => {
    const first = all && firstQueue(all)
    if (nothingAsked.value && first) void router.replace({ query: { ...route.query, queue: first.code } })
  }, { immediate: true })

  return { filters, set, replace, chooseList, list, cursor, opened, choose, move, open, afterAct, heading, total }
}
