/** What other contexts may use of the territory. */
export { default as AddressField } from './addresses/AddressField.vue'
export { default as AddressSearch } from './addresses/AddressSearch.vue'
export { default as DivisionPicker } from './components/DivisionPicker.vue'
export { default as LayerPanel } from './layers/LayerPanel.vue'
export { useMyLayers } from './layers/useMyLayers'
export { type MapStart, useMapInfo } from './composables/useMapInfo'
