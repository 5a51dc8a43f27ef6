import type { ExpressionSpecification } from 'maplibre-gl'

/** Rendered on the desk's own fonts; the style has no glyph server. */
export const FONTS = ['Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif']
export const FONT_FAMILY = FONTS.map((name) => (name === 'sans-serif' ? name : `"${name}"`)).join(', ')

/** A value that grows with the zoom: pairs of zoom and value. */
export function byZoom(...stops: [zoom: number, value: number][]): ExpressionSpecification {
  return ['interpolate', ['exponential', 1.5], ['zoom'], ...stops.flat()] as unknown as ExpressionSpecification
}
export const kindIn = (...kinds: string[]): ExpressionSpecification => ['in', ['get', 'kind'], ['literal', kinds]]

export const nameIn = (language: string): ExpressionSpecification =>
  language === 'en' ? ['coalesce', ['get', 'en'], ['get', 'zh'], ['get', 'name'], ''] : ['coalesce', ['get', 'zh'], ['get', 'name'], ['get', 'en'], '']

export const baseOf: ExpressionSpecification = ['coalesce', ['get', 'min_height_m'], 0]
export const heightOf: ExpressionSpecification = ['coalesce', ['get', 'height_m'], ['get', 'height'], 6]
