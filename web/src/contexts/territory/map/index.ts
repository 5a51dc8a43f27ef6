/** The map, apart from the rest of the territory so that MapLibre loads only where a map is shown. */
export { default as MapCanvas } from '../components/MapCanvas.vue'
export { byZoom, FONTS } from './expressions'
export { gridOverlay, joinOverlays } from './grids'
export { thematicOverlay } from '../layers/overlay'
export { showFeature } from '../layers/popup'
export type { MapPalette } from './palette'
export { type Overlay, paletteOf, tilesOf } from './style'
