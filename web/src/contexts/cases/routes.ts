import { defineAsyncComponent } from 'vue'
import type { ContextModule } from '@/app/context'

const READ = ['case.read']
const DESKS = ['collector', 'hotline', 'acceptor', 'shift_leader', 'dispatcher', 'department', 'inspector'].map((desk) => `case.act.${desk}`)

const context: ContextModule = {
  name: 'cases',
  routes: [
    { path: '/cases', name: 'cases', component: () => import('./views/WorkbenchView.vue'), meta: { title: 'cases.nav.workbench', anyOf: READ, begin: async (queries, address) => (await import('./composables/asking')).beginDesk(queries, address) } },
    { path: '/cases/register', name: 'register', component: () => import('./views/RegisterView.vue'), meta: { title: 'cases.register.title', anyOf: ['case.report'] } },
    { path: '/map', name: 'map', component: () => import('./views/MapView.vue'), meta: { title: 'cases.nav.map', anyOf: READ } },
    { path: '/overview', name: 'overview', component: () => import('./views/OverviewView.vue'), meta: { title: 'cases.nav.overview', anyOf: ['statistics.read'] } },
    { path: '/cases/:id', name: 'case', component: () => import('./views/CasePageView.vue'), meta: { title: 'cases.one.label', anyOf: READ } },
  ],
  nav: [
    { to: '/overview', title: 'cases.nav.overview', anyOf: ['statistics.read'], order: 10 },
    { to: '/cases', title: 'cases.nav.workbench', anyOf: READ, order: 20 },
    { to: '/map', title: 'cases.nav.map', anyOf: READ, order: 30 },
  ],
  tools: [
    { component: defineAsyncComponent(() => import('./components/GlobalFind.vue')), anyOf: READ, order: 10 },
    { component: defineAsyncComponent(() => import('./components/MessagesMenu.vue')), anyOf: READ, order: 20 },
  ],
  home: (canAny) => {
    if (canAny(DESKS)) return '/cases'
    return canAny(['statistics.read']) && canAny(READ) ? '/overview' : null
  },
}
export default context
