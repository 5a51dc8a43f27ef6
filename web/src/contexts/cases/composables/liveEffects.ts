import type { QueryKey } from '@tanstack/vue-query'
import type { Id } from '@/api'
import type { LiveEvent } from '@/live/store'
import { keys } from '../api/keys'

export interface Effects {
  /** cached answers that are no longer true */
  stale: QueryKey[]
  /** the case the event is about */
  caseId: Id | null
  /** is it the case that is open on this desk? */
  isOpenCase: boolean
}

/** What an event of the live line means for this desk. */
export function effectsOf(event: Pick<LiveEvent, 'kind' | 'data'>, openCase: Id | null): Effects {
  const caseId = event.data.case_id ?? null
  // Many cases arrived at once.
  if (event.kind.startsWith('cases.import')) return { stale: [keys.queues, keys.lists, keys.statistics], caseId: null, isOpenCase: false }
  if (!event.kind.startsWith('case.') || caseId === null) return { stale: [], caseId: null, isOpenCase: false }
  const isOpenCase = caseId === openCase
  const own: QueryKey[] = isOpenCase ? [keys.one(caseId)] : [keys.detail(caseId)]
  return { stale: [keys.queues, keys.lists, keys.statistics, ...own], caseId, isOpenCase }
}

/** Drop what an earlier key of the same list already covers. */
export function withoutRepeats(stale: QueryKey[]): QueryKey[] {
  const seen = new Set<string>()
  return stale.filter((key) => {
    const name = JSON.stringify(key)
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}
