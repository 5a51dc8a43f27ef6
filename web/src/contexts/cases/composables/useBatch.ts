import { computed, ref, type Ref, watch } from 'vue'
import type { CaseRow, Id } from '@/api'

/** Batch mode: which rows are marked. Marks of rows that left the list are dropped. */
export function useBatch(rows: Ref<CaseRow[]>, reset: Ref<unknown>) {
  const batching = ref(false)
  const marked = ref(new Set<Id>())
  const markedRows = computed(() => rows.value.filter((row) => marked.value.has(row.id)))

  function toggle(id: Id) {
    const next = new Set(marked.value)
    if (!next.delete(id)) next.add(id)
    marked.value = next
  }
  function markAll() {
    marked.value = new Set(rows.value.map((row) => row.id))
  }
  function clear() {
    marked.value = new Set()
  }
  function setBatching(value: boolean) {
    batching.value = value
    clear()
  }
  watch(reset, clear)
  return { batching, marked, markedRows, toggle, markAll, clear, setBatching }
}
