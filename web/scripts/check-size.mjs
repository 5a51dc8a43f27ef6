// Hand-written front-end files stay at or under 250 lines.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'

const LIMIT = 250
const ROOTS = ['src', 'scripts']
const KINDS = new Set(['.ts', '.vue', '.css', '.mjs', '.js'])
const GENERATED = ['src/api/generated/', 'src/components.d.ts']

function* walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else if (KINDS.has(extname(name))) yield path
  }
}

const root = new URL('..', import.meta.url).pathname
const tooLong = ROOTS.flatMap((folder) => [...walk(join(root, folder))])
  .map((path) => ({ path: relative(root, path), lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
  .filter(({ path, lines }) => lines > LIMIT && !GENERATED.some((prefix) => path.startsWith(prefix)))

for (const { path, lines } of tooLong) console.error(`${path}: ${lines} lines, the limit is ${LIMIT}`)
process.exit(tooLong.length ? 1 : 0)
