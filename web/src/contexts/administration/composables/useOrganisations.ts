import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { get, type Organisation } from '../api'
import type { Page } from '@/api'

export interface Branch extends Organisation {
  below: Branch[]
}
const PAGE = 200
/** A tree beyond this size is no longer drawn whole; one searches it. */
const MOST = 3000

/** Put children under their parents; those whose parent is outside the reader's area stand at the top. */
export function treeOf(rows: Organisation[]): Branch[] {
  const branches = new Map(rows.map((row) => [row.id, { ...row, below: [] as Branch[] }]))
  const roots: Branch[] = []
  for (const branch of branches.values()) {
    const parent = branch.parent_id === null ? undefined : branches.get(branch.parent_id)
    if (parent) parent.below.push(branch)
    else roots.push(branch)
  }
  return roots
}

async function everything(): Promise<Organisation[]> {
  const rows: Organisation[] = []
  let after: string | null | undefined
  do {
    const page: Page<Organisation> = await get('/administration/organisations', { limit: PAGE, after })
    rows.push(...page.items)
    after = page.next
  } while (after && rows.length < MOST)
  return rows
}

/** All organisations that the reader may see, as a tree. */
export function useOrganisationTree(enabled: Ref<boolean>) {
  const query = useQuery({ queryKey: ['administration', 'organisation-tree'], queryFn: everything, enabled })
  const tree = computed(() => treeOf(query.data.value ?? []))
  const count = computed(() => query.data.value?.length ?? 0)
  return { query, tree, count }
}
