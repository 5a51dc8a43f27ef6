import type { ContextModule } from '@/app/context'
import { MANAGE, pages, READ } from './pages'

const context: ContextModule = {
  name: 'territory',
  routes: [
    {
      path: '/territory',
      component: () => import('./views/TerritoryFrame.vue'),
      meta: { title: 'territory.nav.title', anyOf: [READ] },
      children: pages.map((page) => ({
        path: page.path,
        name: `territory-${page.path}`,
        component: page.view,
        meta: { title: `territory.nav.${page.path}`, anyOf: page.anyOf ?? [READ] },
      })),
    },
  ],
  // Every desk reads the territory on its map; the pages are for those who keep it or lead.
  nav: [{ to: '/territory', title: 'territory.nav.title', anyOf: [MANAGE, 'statistics.read'], order: 70 }],
}
export default context
