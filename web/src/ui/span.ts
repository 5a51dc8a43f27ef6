/** A length of time cut into the two figures a reader needs. */
export type Span = { kind: 'clock'; text: string } | { kind: 'hours'; h: number; m: number } | { kind: 'days'; d: number; h: number }

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * Cut a span the way the desks read it: minutes:seconds below one hour, hours and minutes below a day, then days and hours.
 * `seconds` : length, its sign is ignored
 */
export function spanOf(seconds: number): Span {
  const s = Math.floor(Math.abs(seconds))
  if (s < HOUR) return { kind: 'clock', text: `${Math.floor(s / MINUTE)}:${String(s % MINUTE).padStart(2, '0')}` }
  if (s < DAY) return { kind: 'hours', h: Math.floor(s / HOUR), m: Math.floor((s % HOUR) / MINUTE) }
  return { kind: 'days', d: Math.floor(s / DAY), h: Math.floor((s % DAY) / HOUR) }
}

export type Light = 'green' | 'yellow' | 'red' | 'none'

export interface Deadline {
  light: Light
  due_at: string | null
  yellow_at: string | null
}

/** The light at the instant `now` [ms]; between two answers of the server the screen turns it by itself. */
export function lightAt(deadline: Deadline, now: number): Light {
  if (deadline.light === 'none' || !deadline.due_at) return deadline.light
  if (now >= Date.parse(deadline.due_at)) return 'red'
  if (deadline.yellow_at && now >= Date.parse(deadline.yellow_at)) return 'yellow'
  return 'green'
}

export interface Track {
  started_at: string
  yellow_at: string | null
  due_at: string | null
}

/**
 * How far a clock has run, as a ratio 0–1 of its limit.
 * Working-time clocks do not run evenly on the wall; the warning instant anchors its share of the limit, so the
 * bar reaches the amber mark exactly when the light turns.
 */
export function ratioUsed(track: Track, now: number, yellowShare = 0.8): number {
  if (!track.due_at) return 0
  const start = Date.parse(track.started_at)
  const due = Date.parse(track.due_at)
  const yellow = track.yellow_at ? Date.parse(track.yellow_at) : start + (due - start) * yellowShare
  if (now >= due) return 1
  if (now <= start) return 0
  if (now < yellow) return (yellowShare * (now - start)) / (yellow - start)
  return yellowShare + ((1 - yellowShare) * (now - yellow)) / Math.max(1, due - yellow)
}
