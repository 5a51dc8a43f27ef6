import type { ContextModule } from '@/app/context'

const MAY = ['case.import', 'standards.manage']

const context: ContextModule = {
  name: 'imports',
  routes: [{ path: '/imports', name: 'imports', component: () => import('./views/ImportsView.vue'), meta: { title: 'imports.title', anyOf: MAY } }],
  nav: [{ to: '/imports', title: 'imports.title', anyOf: ['case.import'], order: 85 }],
}
export default context
