import type { Component } from 'vue'
import type { QueryClient } from '@tanstack/vue-query'
import type { LocationQuery, RouteRecordRaw } from 'vue-router'

/** One entry of the header's navigation; shown to those who hold any of the permissions. */
export interface NavItem {
  to: string
  /** i18n key */
  title: string
  anyOf?: string[]
  order: number
}

/** A piece of the header that a context brings along (finding, messages). */
export interface HeaderTool {
  component: Component
  anyOf?: string[]
  order: number
}

type CanAny = (anyOf?: string[]) => boolean

/** What a context gives the shell: its `routes.ts` exports one of these as default. */
export interface ContextModule {
  name: string
  routes: RouteRecordRaw[]
  nav: NavItem[]
  tools?: HeaderTool[]
  /** Where this context would have the person start, if it is theirs. */
  home?: (canAny: CanAny) => string | null
}

declare module 'vue-router' {
  interface RouteMeta {
    /** i18n key of the page's title */
    title?: string
    /** any of these permissions opens the page; without, every signed-in person may */
    anyOf?: string[]
    /** open without sign-in */
    open?: boolean
    /** outside the shell (sign-in and the like) */
    bare?: boolean
    /** asks for what the page will show while the page itself is still on its way */
    begin?: (queries: QueryClient, address: LocationQuery) => Promise<void>
  }
}

const found = import.meta.glob<{ default: ContextModule }>('../contexts/*/routes.ts', { eager: true })

/** Every context in `src/contexts` that has a `routes.ts`; adding one needs no change here. */
export const contexts: ContextModule[] = Object.values(found).map((module) => module.default)

export const navigation = (): NavItem[] => contexts.flatMap((context) => context.nav).sort((a, b) => a.order - b.order)

export const headerTools = (): HeaderTool[] =>
  contexts.flatMap((context) => context.tools ?? []).sort((a, b) => a.order - b.order)

/** The first page of a person: what a context claims, else the first entry of the navigation open to them. */
export function homeOf(canAny: CanAny): string | null {
  const claimed = contexts.map((context) => context.home?.(canAny)).find(Boolean)
  return claimed ?? navigation().find((item) => canAny(item.anyOf))?.to ?? null
}
