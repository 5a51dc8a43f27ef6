import type { Id, Queue } from '@/api'

/**
 * The row to stand on after moving by `step` from `current`; stays at the ends.
 * Where nothing (or something no longer listed) is chosen, moving starts at the first row.
 */
export function neighbour(ids: readonly Id[], current: Id | null, step: number): Id | null {
  if (!ids.length) return null
  const index = current === null ? -1 : ids.indexOf(current)
  if (index < 0) return ids[0] ?? null
  return ids[Math.min(ids.length - 1, Math.max(0, index + step))] ?? null
}

/** The row that takes the place of `gone` when it leaves the list: the one after it, else the one before. */
export function successor(ids: readonly Id[], gone: Id): Id | null {
  const index = ids.indexOf(gone)
  if (index < 0) return ids[0] ?? null
  return ids[index + 1] ?? ids[index - 1] ?? null
}

/** The queue a desk opens with: the first that waits for it, else the first that holds anything. */
export const firstQueue = (queues: readonly Queue[]): Queue | undefined =>
  queues.find((queue) => queue.group === 'mine') ?? queues.find((queue) => queue.count > 0) ?? queues[0]
