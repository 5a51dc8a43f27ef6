import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiProblem } from '@/api'
import { type Field, get, put, type Values } from '@/contexts/administration'
import { useSession } from '@/session/store'

/** A base map as the setting `node.base_maps` holds it. */
export interface StoredBaseMap {
  code: string
  zh: string
  en?: string
  kind: string
  url: string
  layer?: string
  style?: string
  matrix_set?: string
  attribution?: string
  min_zoom?: number
  max_zoom?: number
}
const MAPS = '/administration/settings/node.base_maps'
const KEYS = '/administration/settings/node.base_map_keys'
const TEXTS = ['code', 'zh', 'en', 'kind', 'url', 'layer', 'style', 'matrix_set', 'attribution'] as const
const ZOOMS = ['min_zoom', 'max_zoom'] as const

/** What of the form belongs into the setting: no empty words, no key. */
export function storedOf(given: Values): StoredBaseMap {
  const texts = TEXTS.flatMap((name) => {
    const value = String((given[name] as string | undefined) ?? '').trim()
    return value ? [[name, value] as const] : []
  })
  const zooms = ZOOMS.flatMap((name) => (typeof given[name] === 'number' ? [[name, given[name]] as const] : []))
  return Object.fromEntries([...texts, ...zooms]) as unknown as StoredBaseMap
}

/** Reading and writing the outside base maps; who may change settings may change them. */
export function useBaseMaps() {
  const { t } = useI18n()
  const session = useSession()
  const manages = computed(() => session.can('administration.settings'))
  const { data, refetch } = useQuery({ queryKey: ['administration', 'base-maps'], queryFn: () => get<{ value: StoredBaseMap[] }>(MAPS), enabled: manages })
  const stored = computed(() => data.value?.value ?? [])

  const fields = (chosen: StoredBaseMap | null): Field[] => [
    { name: 'code', label: t('territory.field.code'), required: true, disabled: Boolean(chosen), hint: t('territory.base.codeHint') },
    { name: 'zh', label: t('territory.base.zh'), required: true },
    { name: 'en', label: t('territory.base.en') },
    { name: 'kind', label: t('territory.base.kind'), kind: 'choice', required: true, choices: [{ value: 'xyz', label: 'XYZ' }, { value: 'wmts', label: 'WMTS' }] },
    { name: 'url', label: t('territory.base.url'), kind: 'area', rows: 2, required: true, hint: t('territory.base.urlHint') },
    { name: 'layer', label: t('territory.base.layer'), hint: t('territory.base.wmtsOnly') },
    { name: 'matrix_set', label: t('territory.base.matrixSet'), hint: t('territory.base.wmtsOnly') },
    { name: 'attribution', label: t('territory.maps.attribution') },
    { name: 'min_zoom', label: t('territory.base.minZoom'), kind: 'number', least: 0, most: 22 },
    { name: 'max_zoom', label: t('territory.base.maxZoom'), kind: 'number', least: 0, most: 22 },
    { name: 'key', label: t('territory.base.key'), kind: 'password', hint: t('territory.base.keyHint') },
  ]
  async function write(maps: StoredBaseMap[]) {
    await put(MAPS, { value: maps, reason: '' })
    await refetch()
  }
  async function save(given: Values, chosen: StoredBaseMap | null) {
    const one = storedOf(given)
    const now = (await refetch()).data?.value ?? []
    if (!chosen && now.some((other) => other.code === one.code)) {
      throw new ApiProblem({ status: 409, code: 'base_map_exists', errors: [{ field: 'code', code: 'base_map_exists', message: t('territory.base.exists') }] })
    }
    await write(chosen ? now.map((other) => (other.code === one.code ? one : other)) : [...now, one])
    if (given.key) await put(KEYS, { value: { [one.code]: given.key }, reason: '' })
  }
  const remove = async (code: string) => write(((await refetch()).data?.value ?? []).filter((one) => one.code !== code))
  return { stored, fields, manages, save, remove }
}
