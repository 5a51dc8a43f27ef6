/** What other contexts may use of the territory. */
export { default as DivisionPicker } from './components/DivisionPicker.vue'
export { type MapStart, useMapInfo } from './composables/useMapInfo'
