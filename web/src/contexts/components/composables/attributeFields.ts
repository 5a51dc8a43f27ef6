import type { Attribute } from '../shapes'
import type { Field, Values } from '@/contexts/administration'

/** Before the name of a further attribute in a form: so the server names its fault, too. */
export const PREFIX = 'attributes.'
const KINDS = { text: 'text', integer: 'number', decimal: 'number', boolean: 'choice', date: 'day', choice: 'choice' } as const
/** Not given is neither yes nor no: a choice of two, not a switch. */
const TRUTHS = ['true', 'false']

export interface Names {
  word: (row: { zh: string; en?: string }) => string
  yes: string
  no: string
}

/** The further attributes of a type as fields of a form: their kinds, units, bounds and choices. */
export function fieldsOf(definitions: Attribute[], names: Names): Field[] {
  return definitions.filter((one) => one.active).map((one) => ({
    name: PREFIX + one.name,
    label: names.word(one) + (one.unit ? ` [${one.unit}]` : ''),
    kind: KINDS[one.kind],
    required: one.required,
    least: one.minimum ?? undefined,
    most: one.maximum ?? undefined,
    hint: boundsOf(one),
    choices: one.kind === 'boolean' ? TRUTHS.map((value) => ({ value, label: value === 'true' ? names.yes : names.no })) : one.choices.map((choice) => ({ value: choice.code ?? '', label: names.word({ zh: choice.zh ?? '', en: choice.en }) })),
  }))
}

function boundsOf({ minimum, maximum }: Attribute): string | undefined {
  if (minimum === null && maximum === null) return undefined
  return minimum === null ? `≤ ${maximum}` : maximum === null ? `≥ ${minimum}` : `${minimum} – ${maximum}`
}

/** What a component has, as the form holds it. */
export const asValues = (attributes: Record<string, unknown>): Values =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [PREFIX + name, typeof value === 'boolean' ? String(value) : value]))

/** What the form holds, as the server takes it; what is no attribute of the type any more is left out. */
export function asAttributes(given: Values, definitions: Attribute[]): Record<string, unknown> {
  const found = definitions.filter((one) => one.active).flatMap((one) => {
    const value = given[PREFIX + one.name]
    if (value === undefined || value === null || value === '') return []
    return [[one.name, one.kind === 'boolean' ? value === 'true' : value] as const]
  })
  return Object.fromEntries(found)
}
