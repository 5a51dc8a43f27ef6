/** A part of the city in a census: a division of any level, or a unit grid. */
export interface Area {
  code: string
  label: string
  /** unit grids inside */
  grids: number
}

export const LEVELS = ['district', 'street', 'community', 'grid'] as const
export type Level = (typeof LEVELS)[number]

/** Codes are built from large to small: what begins with another's code lies inside it. */
const isInside = (one: string, other: string) => one.startsWith(other)

/** Takes an area in or out. What lies in a chosen one is chosen already; a wider one takes the place of its parts. */
export function toggled(areas: Area[], one: Area): Area[] {
  if (areas.some((area) => area.code === one.code)) return areas.filter((area) => area.code !== one.code)
  if (areas.some((area) => isInside(one.code, area.code))) return areas
  return [...areas.filter((area) => !isInside(area.code, one.code)), one]
}

export const gridsIn = (areas: Area[]): number => areas.reduce((sum, area) => sum + area.grids, 0)
