import type { ContextModule } from '@/app/context'

const context: ContextModule = {
  name: 'cases',
  routes: [{ path: '/cases', name: 'cases', component: () => import('./views/WorkbenchView.vue'), meta: { title: 'cases.nav.workbench', anyOf: ['case.read'] } }],
  nav: [{ to: '/cases', title: 'cases.nav.workbench', anyOf: ['case.read'], order: 20 }],
}
export default context
