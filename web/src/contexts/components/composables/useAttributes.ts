import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { asAttributes, fieldsOf, PREFIX } from './attributeFields'
import type { Attribute } from '../shapes'
import type { Page } from '@/api'
import { get, type Values } from '@/contexts/administration'
import { useWords } from '@/ui/words'

const MOST = 200

/** The further attributes of a type, and the fields of a form for them. */
export function useAttributes(type: Ref<string>) {
  const { t } = useI18n()
  const { word } = useWords()
  const query = useQuery({
    queryKey: computed(() => ['components', 'attributes', type.value]),
    queryFn: () => get<Page<Attribute>>('/component-attributes', { type: type.value, limit: MOST }),
    enabled: computed(() => type.value !== ''),
  })
  const definitions = computed(() => (type.value ? (query.data.value?.items ?? []) : []))
  const fields = computed(() => fieldsOf(definitions.value, { word, yes: t('components.yes'), no: t('components.no') }))
  const attributesIn = (given: Values) => asAttributes(given, definitions.value)
  /** The form's values without those of attributes. */
  const plainIn = (given: Values): Values => Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith(PREFIX)))
  return { definitions, fields, attributesIn, plainIn }
}
