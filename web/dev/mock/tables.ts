import { existsSync, readFileSync } from 'node:fs'

/** The server's own tables, read from the repository, so that the mock speaks with the real words. */
export type Row = Record<string, string>
const DATA = new URL('../../../src/chengyun/cases/data/', import.meta.url)

function parse(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (const letter of text.trimEnd()) {
    if (letter === '"') quoted = !quoted
    else if (letter === ',' && !quoted) {
      rows.at(-1)!.push(cell)
      cell = ''
    } else if (letter === '\n' && !quoted) {
      rows.at(-1)!.push(cell)
      rows.push([])
      cell = ''
    } else cell += letter
  }
  rows.at(-1)!.push(cell)
  return rows
}

export function table(name: string): Row[] {
  const file = new URL(`${name}.csv`, DATA)
  if (!existsSync(file)) return []
  const [head = [], ...rows] = parse(readFileSync(file, 'utf8'))
  return rows.map((row) => Object.fromEntries(head.map((column, index) => [column, row[index] ?? ''])))
}

export const moves = table('workflow')
export const states = new Map(table('states').map((row) => [row.code!, row]))
export const stages = new Map(table('stages').map((row) => [row.code!, row]))
export const steps = table('steps')
export const desks = new Map(table('desks').map((row) => [row.code!, row]))
export const matterTypes = table('matter_types')
export const reasons = table('reasons')

let seed = 20261123
/** A repeatable draw in [0, 1). */
export function draw(): number {
  seed = (seed * 1664525 + 1013904223) % 4294967296
  return seed / 4294967296
}
export const pickOne = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)]!
