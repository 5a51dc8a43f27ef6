import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { FullLayer } from './types'
import { answer, client } from '@/api'
import { type Field, get, post, put, remove, type Values } from '@/contexts/administration'
import { useSession } from '@/session/store'

const ROOT = '/territory/thematic-layers'
const SERVICE = ['url', 'layer', 'style_name', 'matrix_set', 'source_layer'] as const
const COLOURS = ['#2c7fb8', '#7fcdbb', '#fecc5c', '#fd8d3c', '#bd0026']

/** Steps as people write them: one "value colour" per line. */
export function stepsOf(text: string) {
  return text.split('\n').map((line) => line.trim().split(/\s+/)).filter((parts) => parts.length === 2).map(([value, colour]) => ({ from_value: Number(value), colour: colour ?? '' }))
}
/** Five even steps over the span of a numeric attribute. */
export function evenSteps(least: number, most: number): string {
  const width = (most - least) / COLOURS.length
  return COLOURS.map((colour, place) => `${Number((least + width * place).toPrecision(4))} ${colour}`).join('\n')
}
/** The form of a layer: one flat record. */
export function formOf(layer: FullLayer | null): Values {
  if (!layer) return { source: 'file', active: true, shown: false, fill: true, line: true, circle: true, colour: '#2f6fde', outline: '#1d4fa8', width: 1.5, radius: 5, percent: 60, min_zoom: 0, max_zoom: 22, service_min: 0, service_max: 18, role_codes: [], organisation_ids: [] }
  const { style, service, ...rest } = layer
  const { graduated, opacity, ...plain } = style
  return { ...rest, ...plain, ...service, style_name: service.style, service_min: service.min_zoom, service_max: service.max_zoom, min_zoom: style.min_zoom, max_zoom: style.max_zoom, percent: Math.round((opacity ?? 0) * 100), attribute: graduated?.attribute ?? '', steps: graduated?.steps.map((step) => `${step.from_value} ${step.colour}`).join('\n') ?? '' }
}
const text = (value: unknown) => String((value as string | null | undefined) ?? '').trim()

export function bodyOf(given: Values): Values {
  const attribute = text(given.attribute)
  const steps = stepsOf(text(given.steps))
  const [url, layer, style, matrix, sourceLayer] = SERVICE.map((name) => text(given[name]))
  return {
    zh: text(given.zh), en: text(given.en), group_zh: text(given.group_zh), group_en: text(given.group_en), attribution: text(given.attribution),
    active: Boolean(given.active), shown: Boolean(given.shown), role_codes: given.role_codes ?? [], organisation_ids: given.organisation_ids ?? [],
    service: { url, layer, style, matrix_set: matrix, source_layer: sourceLayer, min_zoom: given.service_min ?? 0, max_zoom: given.service_max ?? 18 },
    style: {
      fill: Boolean(given.fill), line: Boolean(given.line), circle: Boolean(given.circle), colour: text(given.colour), outline: text(given.outline), width: given.width, radius: given.radius, opacity: Number(given.percent ?? 60) / 100,
      label: text(given.label), min_zoom: given.min_zoom ?? 0, max_zoom: given.max_zoom ?? 22, graduated: attribute && steps.length ? { attribute, steps } : null,
    },
    ...(text(given.key) ? { key: text(given.key) } : given.drop_key ? { key: '' } : {}),
  }
}

/** Reading and writing the layers that administrators add. */
export function useLayerAdmin() {
  const { t } = useI18n()
  const session = useSession()
  const queries = useQueryClient()
  const list = useQuery({ queryKey: ['territory', 'all-layers'], queryFn: () => answer(client.GET('/api/v1/territory/thematic-layers/all')) })
  const roles = useQuery({ queryKey: ['administration', 'roles-to-choose'], queryFn: () => get<{ items: { code: string; zh: string; en: string }[] }>('/administration/roles'), enabled: computed(() => session.can('administration.roles')) })
  const word = (key: string) => t(`territory.layers.${key}`)
  const SOURCES = ['file', 'geojson', 'xyz', 'wmts', 'vector_tiles']
  const serviceFields = (source: string): Field[] => {
    if (source === 'file') return []
    const fields: Field[] = [{ name: 'url', label: word('url'), kind: 'area', rows: 2, required: true, hint: t(`territory.layers.urlHints.${source}`) }]
    if (source === 'wmts') fields.push({ name: 'layer', label: word('layer') }, { name: 'style_name', label: word('styleName') }, { name: 'matrix_set', label: word('matrixSet') })
    if (source === 'vector_tiles') fields.push({ name: 'source_layer', label: word('sourceLayer'), required: true })
    if (source !== 'geojson') fields.push({ name: 'service_min', label: word('serviceMin'), kind: 'number', least: 0, most: 22 }, { name: 'service_max', label: word('serviceMax'), kind: 'number', least: 0, most: 22 })
    return [...fields, { name: 'key', label: word('key'), kind: 'password', hint: word('keyHint') }]
  }
  const styleFields = (layer: FullLayer | null): Field[] => {
    const names = (layer?.attributes ?? []).map((one) => ({ value: one.name, label: one.name }))
    const attribute = (name: string, label: string, hint?: string): Field => (names.length ? { name, label, kind: 'choice', choices: names, hint } : { name, label, hint })
    return [
      { name: 'fill', label: word('fill'), kind: 'switch' }, { name: 'line', label: word('line'), kind: 'switch' }, { name: 'circle', label: word('circle'), kind: 'switch' },
      { name: 'colour', label: word('colour'), required: true, hint: word('colourHint') }, { name: 'outline', label: word('outline'), required: true },
      { name: 'width', label: word('width'), kind: 'number', least: 0.2, most: 20 }, { name: 'radius', label: word('radius'), kind: 'number', least: 1, most: 40 },
      attribute('label', word('label')), attribute('attribute', word('graduated'), word('graduatedHint')),
      { name: 'steps', label: word('steps'), kind: 'area', rows: 5, hint: word('stepsHint') },
    ]
  }
  const fields = (layer: FullLayer | null, source: string): Field[] => [
    ...(layer ? [] : [{ name: 'code', label: word('code'), required: true, hint: word('codeHint') }, { name: 'source', label: word('source'), kind: 'choice' as const, required: true, choices: SOURCES.map((value) => ({ value, label: t(`territory.layers.sources.${value}`) })) }]),
    { name: 'zh', label: word('zh'), required: true }, { name: 'en', label: word('en') }, { name: 'group_zh', label: word('groupZh') }, { name: 'group_en', label: word('groupEn') },
    ...serviceFields(source),
    { name: 'percent', label: word('opacity'), kind: 'number', least: 0, most: 100 }, { name: 'min_zoom', label: word('minZoom'), kind: 'number', least: 0, most: 22 }, { name: 'max_zoom', label: word('maxZoom'), kind: 'number', least: 0, most: 22 },
    ...(source === 'xyz' || source === 'wmts' ? [] : styleFields(layer)),
    { name: 'attribution', label: t('territory.maps.attribution') },
    { name: 'active', label: word('active'), kind: 'switch' }, { name: 'shown', label: word('shown'), kind: 'switch', hint: word('shownHint') },
    { name: 'role_codes', label: word('roles'), kind: 'choices', choices: (roles.data.value?.items ?? []).map((one) => ({ value: one.code, label: one.zh })), hint: word('rolesHint') },
  ]
  const refresh = () => queries.invalidateQueries({ queryKey: ['territory'] })
  const save = (given: Values, layer: FullLayer | null) => (layer ? put(`${ROOT}/${layer.code}`, bodyOf(given)) : post(ROOT, { ...bodyOf(given), code: text(given.code), source: given.source }))
  const drop = (code: string) => remove(`${ROOT}/${code}`)
  const order = (codes: string[]) => put(`${ROOT}/order`, { codes })
  const fetchAgain = (code: string) => post(`${ROOT}/${code}/refresh`, { skip_wrong: false })
  function fill(code: string, file: File, skips: boolean) {
    const body = new FormData()
    body.append('file', file)
    body.append('skip_wrong', String(skips))
    return post<FullLayer>(`${ROOT}/${code}/file`, body)
  }
  return { list, fields, save, drop, order, fetchAgain, fill, refresh }
}
