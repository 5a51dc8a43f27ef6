import type { ContextModule } from '@/app/context'
import { CENSUS, MANAGE, pages, READ } from './pages'

const context: ContextModule = {
  name: 'components',
  routes: [
    {
      path: '/components',
      component: () => import('./views/ComponentsFrame.vue'),
      meta: { title: 'components.nav.title', anyOf: [READ] },
      children: [
        ...pages.map((page) => ({ path: page.path, name: `components-${page.path}`, component: page.view, meta: { title: `components.nav.${page.path}`, anyOf: page.anyOf } })),
        { path: 'census/:id(\\d+)', name: 'census-plan', component: () => import('./views/CensusPlanView.vue'), meta: { title: 'components.nav.census', anyOf: CENSUS } },
        { path: 'census/tasks/:id(\\d+)', name: 'census-task', component: () => import('./views/CensusTaskView.vue'), meta: { title: 'components.nav.census', anyOf: CENSUS } },
        { path: ':id(\\d+)', name: 'component', component: () => import('./views/DetailView.vue'), meta: { title: 'components.nav.one', anyOf: [READ] } },
      ],
    },
  ],
  // Every desk meets components with its cases; the pages are for those who keep them or lead.
  nav: [{ to: '/components', title: 'components.nav.title', anyOf: [MANAGE, 'statistics.read', ...CENSUS], order: 75 }],
}
export default context
