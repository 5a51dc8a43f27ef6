import { useI18n } from 'vue-i18n'

type CodeList = 'state' | 'source' | 'stage' | 'desk' | 'kind' | 'phase' | 'task' | 'pending'

/** Codes by name in the reader's language; a code that this desk does not know is shown as it is. */
export function useCodes() {
  const { t, te } = useI18n()
  const nameOf = (list: CodeList, code: string | null | undefined): string => {
    if (!code) return ''
    const key = `cases.${list}.${code}`
    return te(key) ? t(key) : code
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
