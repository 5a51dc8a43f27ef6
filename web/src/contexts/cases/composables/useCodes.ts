import { useI18n } from 'vue-i18n'
import { type NamedList, useWorkflow } from '../stores/workflow'
import { useWords } from '@/ui/words'

type CodeList = 'state' | 'source' | 'stage' | 'desk' | 'kind' | 'phase' | 'task' | 'pending'
const OF_WORKFLOW: Partial<Record<CodeList, NamedList>> = { state: 'states', source: 'sources', stage: 'stages', desk: 'desks' }

/** Codes by name in the reader's language; a code that nobody knows is shown as it is. */
export function useCodes() {
  const { t, te } = useI18n()
  const { word } = useWords()
  const workflow = useWorkflow()
  void workflow.load()

  function nameOf(list: CodeList, code: string | null | undefined): string {
    if (!code) return ''
    const key = `cases.${list}.${code}`
    const shared = OF_WORKFLOW[list]
    if (!shared) return te(key) ? t(key) : code
    // Until the names are here nothing is better than a code that flashes by.
    if (!workflow.names) return ''
    return word(workflow.names[shared].get(code)) || (te(key) ? t(key) : code)
  }
  return { nameOf }
}

/** States after which nothing is left to do. */
export const ENDED_STATES = new Set(['closed', 'self_closed', 'forced_close', 'not_accepted', 'not_filed', 'voided', 'archived'])

export type Tone = 'brand' | 'green' | 'amber' | 'red' | 'grey'

/** The colour of a state's tag; the word says the same. */
export function toneOf(state: string): Tone {
  if (state === 'check_failed') return 'red'
  if (state === 'suspended' || state === 'voided') return 'amber'
  if (state === 'closed' || state === 'self_closed' || state === 'check_passed') return 'green'
  return ENDED_STATES.has(state) ? 'grey' : 'brand'
}
