/** What other contexts may use of imports. */
export { default as ImportDesk } from './components/ImportDesk.vue'
export type { ImportDoor } from './door'
