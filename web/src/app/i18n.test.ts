import { describe, expect, it } from 'vitest'

/** Both languages say the same things, the code says nothing by itself, and no key is asked for in vain. */
type Tree = Record<string, unknown>
const files = import.meta.glob<{ default: Tree }>(['./i18n/*.ts', '../contexts/*/i18n/*.ts'], { eager: true })
const sources = import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!../**/i18n/**', '!../**/*.test.ts', '!../api/generated/**'], { eager: true, query: '?raw', import: 'default' })

function leaves(tree: Tree, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path ? `${path}.${key}` : key
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? leaves(value as Tree, here) : [here]
  })
}
function treeOf(language: string): Tree {
  const tree: Tree = {}
  for (const [path, file] of Object.entries(files)) {
    const parts = path.split('/')
    if (!path.endsWith(`/${language}.ts`)) continue
    if (parts.includes('contexts')) tree[parts.at(-3) ?? ''] = file.default
    else Object.assign(tree, file.default)
  }
  return tree
}
const zh = leaves(treeOf('zh-CN'))
const en = leaves(treeOf('en'))

describe('languages', () => {
  it('have the same keys', () => {
    expect([...en].sort()).toEqual([...zh].sort())
  })
  it('are complete: every key the code names exists', () => {
    const known = new Set(zh)
    const asked = Object.entries(sources).flatMap(([path, text]) => [...text.matchAll(/\bt\('([\w.-]+)'/g)].map((found) => `${found[1] ?? ''} (${path})`))
    expect(asked.filter((line) => !known.has(line.split(' ')[0] ?? ''))).toEqual([])
  })
  it('hold every Chinese word of the screens', () => {
    const speaking = Object.entries(sources).filter(([, text]) => /[\u4e00-\u9fff]/.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    expect(speaking.map(([path]) => path)).toEqual([])
  })
})
