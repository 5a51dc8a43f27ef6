import type { ContextModule } from '@/app/context'
import { pages } from './pages'

const context: ContextModule = {
  name: 'administration',
  routes: [
    {
      path: '/administration',
      component: () => import('./views/AdministrationFrame.vue'),
      meta: { title: 'administration.nav.title', anyOf: pages.flatMap((page) => page.anyOf) },
      children: pages.map((page) => ({
        path: page.path,
        name: `administration-${page.path}`,
        component: page.view,
        meta: { title: `administration.nav.${page.path}`, anyOf: page.anyOf },
      })),
    },
  ],
  nav: [{ to: '/administration', title: 'administration.nav.title', anyOf: pages.flatMap((page) => page.anyOf), order: 90 }],
}
export default context
