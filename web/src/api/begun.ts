declare global {
  interface Window {
    /** Answers that `public/first.js` asked for before the program was there, by address. */
    chengyunBegun?: Record<string, Promise<Response>>
  }
}

/** Take the answer to a request that was begun before the program was there: once, and only to a plain reading. */
export function begun(method: string, url: string): Promise<Response> | null {
  const path = new URL(url, window.location.origin).pathname
  const waiting = method === 'GET' ? window.chengyunBegun?.[path] : undefined
  if (!waiting) return null
  Reflect.deleteProperty(window.chengyunBegun ?? {}, path)
  return waiting
}
