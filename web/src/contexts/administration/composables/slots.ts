export type Slot = [string, string]

/** [["08:00","12:00"]] → "08:00-12:00". */
export const slotsText = (slots: Slot[]): string => slots.map(([from, to]) => `${from}-${to}`).join(', ')

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
