import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { contexts, homeOf } from './context'
import { i18n } from './i18n'
import { isOutdated, mayReload } from './outdated'
import { queryClient } from './queryClient'
import { useSession } from '@/session/store'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('./pages/HomePage.vue') },
    { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignInPage.vue'), meta: { open: true, bare: true, title: 'app.signIn.heading' } },
    { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue'), meta: { bare: true, title: 'app.password.title' } },
    ...contexts.flatMap((context) => context.routes),
    { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'app.notFound.title' } },
  ],
})

async function admit(to: RouteLocationNormalized) {
  const session = useSession()
  const me = await session.load()
  if (to.meta.open) return me && to.name === 'sign-in' ? { path: '/' } : true
  if (!me) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (me.must_change_password && to.name !== 'password') return { name: 'password', query: { next: to.fullPath } }
  const start = to.name === 'home' ? homeOf(session.canAny) : null
  if (start) localStorage.setItem(HOME, start)
  return start ? { path: start, replace: true } : true
}

router.beforeEach(async (to) => {
  try {
    return await admit(to)
  } catch {
    // The server is away: the page itself says so and offers to try again.
    return true
  }
})

const HOME = 'chengyun.home'

/** Fetch the parts of the page at an address (at '/', of the page it led to the last time), and what it will show, before we may go there. */
export function fetchPage(path: string): void {
  const known = path === '/' ? (localStorage.getItem(HOME) ?? path) : path
  const address = router.resolve(known)
  for (const record of address.matched) {
    const part: unknown = record.components?.default
    // A part that does not come is told of by the router, when it asks for it itself.
    if (typeof part === 'function') void Promise.resolve((part as () => Promise<unknown>)()).catch(() => undefined)
  }
  // Who is a stranger here has no answer to wait for; what fails is asked for again by the page.
  if (document.cookie.includes('csrftoken=')) void address.meta.begin?.(queryClient, address.query).catch(() => undefined)
}

router.onError((error, to) => {
  if (isOutdated(error) && mayReload()) window.location.assign(to.fullPath)
})

router.afterEach((to) => {
  const page = to.meta.title ? `${i18n.global.t(to.meta.title)} · ` : ''
  document.title = `${page}${i18n.global.t('app.title')}`
})

/** After signing in: back to where the person was going, never to another site. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && next.startsWith('/') && !next.startsWith('//') ? next : '/'
}
