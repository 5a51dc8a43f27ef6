/** What other contexts may use of administration. */
export { default as FormDialog } from './components/FormDialog.vue'
export { default as PageTitle } from './components/PageTitle.vue'
export { default as RemotePicker } from './components/RemotePicker.vue'
export { default as ResourceTable } from './components/ResourceTable.vue'
export { changes, type Field, type Values } from './components/form'
export { useAct } from './composables/useAct'
export { get, patch, post, put, remove } from './api'
