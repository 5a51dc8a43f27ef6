import type { Query } from '../api'

export type FieldKind = 'text' | 'area' | 'number' | 'switch' | 'choice' | 'choices' | 'boxes' | 'day' | 'organisation' | 'person' | 'people' | 'division' | 'password'

export interface Choice {
  value: string | number
  label: string
}

/** One field of a form; `name` is the API's, so that a problem finds its place. */
export interface Field {
  name: string
  label: string
  kind?: FieldKind
  required?: boolean
  hint?: string
  example?: string
  /** what to say when the server finds the form of the value wrong */
  format?: string
  choices?: Choice[]
  disabled?: boolean
  /** bounds of a number */
  least?: number
  most?: number
  /** height of a text */
  rows?: number
  /** narrows what a picker offers */
  query?: Query
}

export type Values = Record<string, unknown>

/** The names of required fields that are still empty. */
export const missing = (fields: Field[], values: Values): string[] =>
  fields
    .filter((field) => field.required && isEmpty(values[field.name]))
    .map((field) => field.name)

const isEmpty = (value: unknown) => value === undefined || value === null || (typeof value === 'string' && !value.trim()) || (Array.isArray(value) && !value.length)

/** Only what differs from before: what a PATCH sends. */
export const changes = (before: Values, after: Values): Values =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])))
