import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { get, type DictionaryItem, type Organisation } from '../api'
import type { Field, Values } from '../components/form'
import type { Page } from '@/api'
import { useWords } from '@/ui/words'

export const KINDS = ['city', 'district', 'supervision_centre', 'command_centre', 'department', 'street', 'enterprise', 'other'] as const
const EDITED = ['zh', 'en', 'code', 'kind', 'department_kind', 'credit_code', 'division_code', 'sort'] as const

/** The form of an organisation: a new one below `parent`, or the chosen one. */
export function useOrganisationForm(chosen: Ref<Organisation | null>, parent: Ref<number | null>) {
  const { t } = useI18n()
  const { word } = useWords()
  const { data: kinds } = useQuery({
    queryKey: ['administration', 'department-kinds'],
    queryFn: () => get<Page<DictionaryItem>>('/administration/dictionaries/department_kind/items', { limit: 200 }),
  })
  const kindName = (kind: string) => t(`administration.organisation.kinds.${kind}`)
  const departmentName = (code: string) => {
    const found = kinds.value?.items.find((one) => one.code === code)
    return found ? word(found) : code
  }
  const fields = computed<Field[]>(() => [
    ...(chosen.value ? [] : [{ name: 'parent_id', label: t('administration.organisation.parent'), kind: 'organisation' as const, hint: t('administration.organisation.parentHint') }]),
    { name: 'zh', label: t('administration.field.zh'), required: true },
    { name: 'en', label: t('administration.field.en') },
    { name: 'code', label: t('administration.field.code'), required: true, hint: t('administration.organisation.codeHint') },
    { name: 'kind', label: t('administration.organisation.kind'), kind: 'choice', required: true, choices: KINDS.map((value) => ({ value, label: kindName(value) })) },
    { name: 'department_kind', label: t('administration.organisation.departmentKind'), kind: 'choice', hint: t('administration.organisation.departmentKindHint'), choices: kinds.value?.items.filter((one) => one.active).map((one) => ({ value: one.code, label: word(one) })) },
    { name: 'credit_code', label: t('administration.organisation.creditCode'), hint: t('administration.organisation.creditHint') },
    { name: 'division_code', label: t('administration.field.division'), kind: 'division', hint: t('administration.organisation.divisionHint') },
    { name: 'sort', label: t('administration.field.sort'), kind: 'number' },
  ])
  const values = computed<Values>(() => {
    const row = chosen.value
    return row ? Object.fromEntries(EDITED.map((name) => [name, row[name]])) : { parent_id: parent.value, kind: 'department', sort: 0 }
  })
  return { fields, values, kindName, departmentName }
}
