import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import { buildings, ground } from './ground'
import { labels } from './labels'
import { darkMap, lightMap, type MapPalette } from './palette'
import { ways } from './ways'
import type { BaseMap } from '@/api'

/** What a screen lays over the base map; `below` says whether its layers go under the names. */
export interface Overlay {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
}
export interface StyleWishes {
  dark: boolean
  language: string
  raised: boolean
  baseMap: BaseMap | null
  /** who must be named for the base map */
  attribution?: string
  overlay?: Overlay
}

const MAP_MAX_ZOOM = 16
/** Tiles are fetched in a worker, which knows no page address: they need the origin. */
export const absolute = (url: string) => (url.startsWith('/') ? `${window.location.origin}${url}` : url)
export const tilesOf = (layer: string) => [absolute(`/tiles/${layer}/{z}/{x}/{y}.mvt`)]

export const paletteOf = (dark: boolean): MapPalette => (dark ? darkMap : lightMap)

function rasterBase(baseMap: BaseMap, palette: MapPalette): Overlay {
  return {
    sources: { raster: { type: 'raster', tiles: [absolute(baseMap.url)], tileSize: 256, attribution: baseMap.attribution, minzoom: baseMap.min_zoom, maxzoom: baseMap.max_zoom } },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
      { id: 'raster', type: 'raster', source: 'raster' },
    ],
  }
}

/** The whole style: base map, then the screen's layers, names on top. There are no glyphs: text is drawn from local fonts. */
export function styleOf(wishes: StyleWishes): StyleSpecification {
  const palette = paletteOf(wishes.dark)
  const overlay = wishes.overlay ?? { sources: {}, layers: [] }
  if (wishes.baseMap) {
    const base = rasterBase(wishes.baseMap, palette)
    return { version: 8, sources: { ...base.sources, ...overlay.sources }, layers: [...base.layers, ...overlay.layers] }
  }
  const isUnder = (layer: LayerSpecification) => layer.type === 'fill' || layer.type === 'line'
  return {
    version: 8,
    light: { anchor: 'viewport', intensity: wishes.dark ? 0.15 : 0.28 },
    sources: { base: { type: 'vector', tiles: tilesOf('map'), maxzoom: MAP_MAX_ZOOM, attribution: wishes.attribution }, ...overlay.sources },
    layers: [
      ...ground(palette),
      ...ways(palette),
      ...buildings(palette, wishes.raised),
      ...overlay.layers.filter(isUnder),
      ...labels(palette, wishes.language),
      ...overlay.layers.filter((layer) => !isUnder(layer)),
    ],
  }
}
