/** What other contexts may use of components. */
export { default as ComponentLink } from './components/ComponentLink.vue'
export { default as ComponentPicker } from './components/ComponentPicker.vue'
export { componentByCode } from './composables/useOne'
