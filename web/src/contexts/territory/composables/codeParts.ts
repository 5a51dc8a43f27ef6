import type { CodeScheme } from '../api'

type Part = CodeScheme['parts'][number]

/** Parts as one writes them, a line each: "district 6 区县", with "alphanumeric" at the end where letters may stand. */
export const partsText = (parts: readonly Part[]): string =>
  parts.map((part) => [part.name, part.width, part.zh, part.charset === 'alphanumeric' ? part.charset : ''].filter(Boolean).join(' ')).join('\n')

/** Lines back to parts; what cannot be read is left to the server to refuse. */
export function readParts(text: string): Part[] {
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean)
  return lines.map((line) => {
    const [name = '', width = '', ...rest] = line.split(/\s+/)
    const isLettered = rest.at(-1) === 'alphanumeric'
    const words = isLettered ? rest.slice(0, -1) : rest
    return { name, width: Number(width) || 0, zh: words.join(' '), charset: isLettered ? 'alphanumeric' : 'digits' }
  })
}
