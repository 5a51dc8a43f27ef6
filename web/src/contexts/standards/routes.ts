import type { ContextModule } from '@/app/context'
import { pages, READ } from './pages'

const context: ContextModule = {
  name: 'standards',
  routes: [
    {
      path: '/standards',
      component: () => import('./views/StandardsFrame.vue'),
      meta: { title: 'standards.nav.title', anyOf: [READ] },
      children: pages.map((page) => ({
        path: page.path,
        name: `standards-${page.path}`,
        component: page.view,
        meta: { title: `standards.nav.${page.path}`, anyOf: [READ] },
      })),
    },
  ],
  nav: [{ to: '/standards', title: 'standards.nav.title', anyOf: [READ], order: 80 }],
}
export default context
