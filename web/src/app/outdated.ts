/** A deployment replaced the files that this page still wants to load. */
export const isOutdated = (error: unknown) => /dynamically imported module|Importing a module script failed|preload CSS/i.test(String(error))

const TRIED_AS = 'chengyun.reloaded'
const PATIENCE_MS = 30_000

/** May the page be loaded afresh by itself? Once in a while, so that a broken server does not make it spin. */
export function mayReload(now = Date.now()): boolean {
  const last = Number(sessionStorage.getItem(TRIED_AS) ?? 0)
  if (now - last < PATIENCE_MS) return false
  sessionStorage.setItem(TRIED_AS, String(now))
  return true
}
