import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import geojsonvt from 'geojson-vt'
import vtpbf from 'vt-pbf'
import { cases, CENTRE } from './city.ts'

type Index = ReturnType<typeof geojsonvt>
const LAYERS = ['water', 'landuse', 'boundaries', 'roads', 'transit', 'buildings', 'places', 'pois']
const KINDS: Record<string, string> = { highway: 'motorway', major_road: 'primary', minor_road: 'residential', locality: 'locality' }
const DETAILS = new Set(['motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'residential', 'service'])

interface Feature { type: 'Feature'; geometry: GeoJSON.Geometry; properties: Record<string, unknown> }
const indexes = new Map<string, Index>()
const index = (features: Feature[]) => geojsonvt({ type: 'FeatureCollection', features } as GeoJSON.FeatureCollection, { maxZoom: 17, indexMaxZoom: 13, buffer: 128 })

/** With CHENGYUN_MOCK_MAP set to a folder of GeoJSON layers the mock shows that map, else only grids and cases. */
function load(layer: string): Feature[] {
  const folder = process.env.CHENGYUN_MOCK_MAP
  if (!folder) return []
  const plain = join(folder, `${layer}.geojson`)
  const text = existsSync(plain) ? readFileSync(plain, 'utf8') : existsSync(`${plain}.gz`) ? gunzipSync(readFileSync(`${plain}.gz`)).toString() : '{"features":[]}'
  return (JSON.parse(text) as { features: Feature[] }).features.map((feature) => {
    const given = feature.properties
    const detail = String(given.kind_detail ?? '').replace('_link', '')
    const kind = DETAILS.has(detail) ? detail : (KINDS[String(given.kind)] ?? given.kind)
    const properties = { kind, zh: given['name:zh'] ?? given.name, en: given['name:en'] ?? given.name, height: given.height ?? (layer === 'buildings' ? 12 : undefined) }
    return { type: 'Feature', geometry: feature.geometry, properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) }
  })
}

function gridFeatures(): Feature[] {
  const features: Feature[] = []
  const [size_x, size_y] = [0.0021, 0.0018]
  for (let x = -9; x < 9; x += 1) {
    for (let y = -7; y < 7; y += 1) {
      const [west, south] = [CENTRE[0] + x * size_x, CENTRE[1] + y * size_y]
      const ring = [[west, south], [west + size_x, south], [west + size_x, south + size_y], [west, south + size_y], [west, south]]
      features.push({ type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: { code: `99010200100700${Math.abs(x * y) % 10}`, area_class: 'A' } })
    }
  }
  return features
}
const point = (lon: number, lat: number, properties: Record<string, unknown>): Feature => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties })

function caseFeatures(): Feature[] {
  return cases.filter((of) => of.state !== 'closed').map((of) => point(of.lon!, of.lat!, { id: of.id, number: of.number, title: of.title, state: of.state, light: of.light, urgent: of.urgent }))
}
function clusterFeatures(): Feature[] {
  const cells = new Map<string, { lon: number; lat: number; count: number; yellow: number; red: number }>()
  for (const of of cases.filter((one) => one.state !== 'closed')) {
    const key = `${Math.floor(of.lon! / 0.006)},${Math.floor(of.lat! / 0.005)}`
    const cell = cells.get(key) ?? { lon: 0, lat: 0, count: 0, yellow: 0, red: 0 }
    cells.set(key, { lon: cell.lon + of.lon!, lat: cell.lat + of.lat!, count: cell.count + 1, yellow: cell.yellow + Number(of.light === 'yellow'), red: cell.red + Number(of.light === 'red') })
  }
  return [...cells.values()].map((cell) => point(cell.lon / cell.count, cell.lat / cell.count, { count: cell.count, yellow: cell.yellow, red: cell.red }))
}

export function tile(layer: string, z: number, x: number, y: number): Buffer {
  const parts = layer === 'map' ? LAYERS : [layer]
  if (layer === 'cases') indexes.set(layer, index(z >= 13 ? caseFeatures() : clusterFeatures()))
  const layers: Record<string, NonNullable<ReturnType<Index['getTile']>>> = {}
  for (const part of parts) {
    if (!indexes.has(part)) indexes.set(part, index(part === 'grids' ? gridFeatures() : load(part)))
    const found = indexes.get(part)!.getTile(z, x, y)
    if (found) layers[part] = found
  }
  return Buffer.from(vtpbf.fromGeojsonVt(layers, { version: 2 }))
}
