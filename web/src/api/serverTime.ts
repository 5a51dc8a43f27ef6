/** The desk's clock may be wrong; time left is counted on the server's. */
let offset_ms = 0

export function noteServerTime(date: string | null) {
  const server = date ? Date.parse(date) : Number.NaN
  if (Number.isNaN(server)) return
  const measured = server - Date.now()
  // The Date header has whole seconds: smaller differences are rounding, not a wrong clock.
  offset_ms = Math.abs(measured) > 2000 ? measured : 0
}

export const serverNow = () => Date.now() + offset_ms
