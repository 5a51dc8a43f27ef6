import { defineAsyncComponent } from 'vue'
import type { ContextModule } from '@/app/context'

const READ = ['case.read']
const DESKS = ['collector', 'hotline', 'acceptor', 'shift_leader', 'dispatcher', 'department', 'inspector'].map((desk) => `case.act.${desk}`)

const context: ContextModule = {
  name: 'cases',
  routes: [
    { path: '/cases', name: 'cases', component: () => import('./views/WorkbenchView.vue'), meta: { title: 'cases.nav.workbench', anyOf: READ } },
    { path: '/cases/:id', name: 'case', component: () => import('./views/CasePageView.vue'), meta: { title: 'cases.one.label', anyOf: READ } },
  ],
  nav: [{ to: '/cases', title: 'cases.nav.workbench', anyOf: READ, order: 20 }],
  tools: [
    { component: defineAsyncComponent(() => import('./components/GlobalFind.vue')), anyOf: READ, order: 10 },
    { component: defineAsyncComponent(() => import('./components/MessagesMenu.vue')), anyOf: READ, order: 20 },
  ],
  home: (canAny) => {
    if (canAny(DESKS)) return '/cases'
    return canAny(['statistics.read']) && canAny(READ) ? '/cases' : null
  },
}
export default context
