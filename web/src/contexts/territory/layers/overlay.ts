import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { MyLayer } from './types'
import { FONTS } from '../map/expressions'
import type { MapPalette } from '../map/palette'
import { absolute, type Overlay } from '../map/style'

const PREFIX = 'thematic'
export const idsOf = (code: string) => (['fill', 'line', 'circle'] as const).map((kind) => `${PREFIX}-${code}-${kind}`)
/** Which layer of mine a style's layer belongs to. */
export const codeOf = (id: string) => /^thematic-(.+)-(?:fill|line|circle)$/.exec(id)?.[1] ?? null
type Geometry = 'Polygon' | 'LineString' | 'Point'
type Paint = Record<string, unknown>
type Drawn = Pick<MyLayer, 'code' | 'kind' | 'url' | 'source' | 'source_layer' | 'min_zoom' | 'max_zoom' | 'style' | 'attribution'>

/** One colour, or steps of a numeric attribute. Own tiles carry the attribute's value as `value`. */
export function colourOf(layer: Drawn): string | ExpressionSpecification {
  const graduated = layer.style.graduated
  if (!graduated) return layer.style.colour ?? ''
  const isOwn = layer.source === 'file' || layer.source === 'geojson'
  const value = ['get', isOwn ? 'value' : graduated.attribute]
  const steps = [...graduated.steps].sort((a, b) => a.from_value - b.from_value).flatMap((step) => [step.from_value, step.colour])
  return ['case', ['==', ['typeof', value], 'number'], ['step', value, graduated.other, ...steps], graduated.other] as unknown as ExpressionSpecification
}

function vectorLayers(layer: Drawn, palette: MapPalette, source: string): LayerSpecification[] {
  const { style } = layer
  const colour = colourOf(layer)
  const isOwn = layer.source === 'file' || layer.source === 'geojson'
  const label = style.label && ['to-string', ['coalesce', ['get', isOwn ? 'label' : style.label], '']]
  const base = { source, 'source-layer': layer.source_layer, minzoom: style.min_zoom, maxzoom: Math.min(24, (style.max_zoom ?? 22) + 1) }
  const drawn = (kind: 'fill' | 'line' | 'circle', paint: Paint, on: Geometry[]) =>
    ({ ...base, id: `${PREFIX}-${layer.code}-${kind}`, type: kind, filter: ['in', ['geometry-type'], ['literal', on.flatMap((one) => [one, `Multi${one}`])]], paint }) as unknown as LayerSpecification
  const layers: LayerSpecification[] = []
  if (style.fill) layers.push(drawn('fill', { 'fill-color': colour, 'fill-opacity': style.opacity }, ['Polygon']))
  if (style.line) layers.push(drawn('line', { 'line-color': ['match', ['geometry-type'], ['Polygon', 'MultiPolygon'], style.outline, colour], 'line-width': style.width, 'line-opacity': style.opacity }, ['LineString', 'Polygon']))
  if (style.circle) layers.push(drawn('circle', { 'circle-color': colour, 'circle-radius': style.radius, 'circle-opacity': style.opacity, 'circle-stroke-color': style.outline, 'circle-stroke-width': 1 }, ['Point']))
  if (label) layers.push({ ...base, id: `${PREFIX}-${layer.code}-label`, type: 'symbol', layout: { 'text-field': label, 'text-font': FONTS, 'text-size': 12, 'text-offset': [0, 0.9], 'text-anchor': 'top' }, paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 } } as unknown as LayerSpecification)
  return layers
}

function overlayOf(layer: Drawn, palette: MapPalette): Overlay {
  const source = `${PREFIX}-${layer.code}`
  // MapLibre knows no {s}; one of the hosts does.
  const tiles = [absolute(layer.url.replaceAll('{s}', 'a'))]
  const zooms = { minzoom: layer.min_zoom, maxzoom: layer.max_zoom, attribution: layer.attribution }
  if (layer.kind === 'raster') {
    return {
      sources: { [source]: { type: 'raster', tiles, tileSize: 256, ...zooms } as SourceSpecification },
      layers: [{ id: source, type: 'raster', source, minzoom: layer.style.min_zoom, paint: { 'raster-opacity': layer.style.opacity } }],
    }
  }
  return { sources: { [source]: { type: 'vector', tiles, ...zooms } as SourceSpecification }, layers: vectorLayers(layer, palette, source) }
}

/** The layers that are on, from the lowest up. */
export function thematicOverlay(layers: Drawn[], palette: MapPalette): Overlay {
  const parts = layers.map((layer) => overlayOf(layer, palette))
  return { sources: Object.assign({}, ...parts.map((part) => part.sources)) as Overlay['sources'], layers: parts.flatMap((part) => part.layers) }
}
