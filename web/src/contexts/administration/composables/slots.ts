export type Slot = [string, string]

/** [["08:00","12:00"]] → "08:00-12:00". */
export const slotsText = (slots: readonly string[][]): string => slots.map(([from = '', to = '']) => `${from}-${to}`).join(', ')

/** "08:00-12:00, 14:00-18:00" → pairs; what cannot be read is left to the server to refuse. */
export const readSlots = (text: string): Slot[] =>
  text
    .split(/[,，;；]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [from = '', to = ''] = part.split(/[-–—~\u81f3]/).map((time) => time.trim())
      return [from, to]
    })

/** [2020, 2021, 2022, 2024] → "2020–2022, 2024". */
export function yearsText(years: number[]): string {
  const runs: [number, number][] = []
  for (const year of [...years].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && last[1] === year - 1) last[1] = year
    else runs.push([year, year])
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
}
