import { type MapMouseEvent, Popup } from 'maplibre-gl'
import { codeOf, idsOf } from './overlay'
import type { MyLayer } from './types'
import { answer, asProblem, client } from '@/api'

const REACH = 4

function table(title: string, attributes: Record<string, unknown>): HTMLElement {
  const box = document.createElement('div')
  box.className = 'layer-popup'
  const head = box.appendChild(document.createElement('b'))
  head.textContent = title
  const list = box.appendChild(document.createElement('dl'))
  for (const [name, value] of Object.entries(attributes)) {
    list.appendChild(document.createElement('dt')).textContent = name
    list.appendChild(document.createElement('dd')).textContent = String(value)
  }
  return box
}

/** Show the attributes of what lies under a press, of the layers that are on; tell whether something did. */
export async function showFeature(event: MapMouseEvent, layers: MyLayer[], titleOf: (layer: MyLayer) => string): Promise<boolean> {
  const map = event.target
  const { x, y } = event.point
  const ids = layers.flatMap((layer) => idsOf(layer.code)).filter((id) => map.getLayer(id))
  const [hit] = map.queryRenderedFeatures([[x - REACH, y - REACH], [x + REACH, y + REACH]], { layers: ids })
  const layer = hit && layers.find((one) => one.code === codeOf(hit.layer.id))
  if (!hit || !layer) return false
  let attributes: Record<string, unknown> = hit.properties
  if (layer.source === 'file' || layer.source === 'geojson') {
    try {
      attributes = (await answer(client.GET('/api/v1/territory/thematic-layers/{code}/features/{feature_id}', { params: { path: { code: layer.code, feature_id: Number(hit.id) } } }))).attributes
    } catch (error) {
      attributes = { '!': asProblem(error).message }
    }
  }
  new Popup({ maxWidth: '320px' }).setLngLat(event.lngLat).setDOMContent(table(titleOf(layer), attributes)).addTo(map)
  return true
}
