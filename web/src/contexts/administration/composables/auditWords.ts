import { useI18n } from 'vue-i18n'

/** What one looks for most; a whole act, or a family of acts ending in a dot. */
export const ACTS = ['session.', 'session.refused', 'password.changed', 'person.', 'person.private_read', 'grant.', 'role.', 'organisation.', 'token.', 'setting.changed', 'dictionary.', 'cases.', 'cases.reporter_read', 'cases.exported', 'grids.imported', 'map.layer_replaced', 'audit.exported'] as const

/** Acts (`person.changed`) and subjects (`person:12`) of the audit log in words; unknown codes as they are. */
export function useAuditWords() {
  const { t, te } = useI18n()
  const word = (list: string, code: string) => (te(`administration.audit.${list}.${code}`) ? t(`administration.audit.${list}.${code}`) : code.replaceAll('_', ' '))
  /** Verbs that name their object themselves stand alone. */
  const complete = (verb: string) => te(`administration.audit.acts.${verb}`)
  function actOf(act: string): string {
    const [noun = '', verb = ''] = act.split('.')
    const whole = `administration.audit.whole.${act.replace('.', '_')}`
    if (verb && te(whole)) return t(whole)
    if (complete(verb)) return t(`administration.audit.acts.${verb}`)
    return verb ? t('administration.audit.did', { noun: word('nouns', noun), verb: word('verbs', verb) }) : t('administration.audit.family', { noun: word('nouns', noun) })
  }
  function subjectOf(subject: string): string {
    const [noun = '', id = ''] = subject.split(':')
    return [word('nouns', noun), id].filter(Boolean).join(' ')
  }
  return { actOf, subjectOf }
}
