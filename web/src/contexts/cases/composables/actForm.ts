import type { Act, ActBody, ActNeeds, Id } from '@/api'

export const FIELD_NAMES = ['result', 'reason', 'standard', 'condition', 'organisation', 'assisting', 'assignee', 'photos', 'opinion'] as const
export type FieldName = (typeof FIELD_NAMES)[number]

export interface Field {
  name: FieldName
  required: boolean
}

export interface ActValues {
  result: boolean | null
  reason: string
  standard_id: Id | null
  condition: string
  organisation_id: Id | null
  assisting_ids: Id[]
  assignee_id: Id | null
  attachments: string[]
  opinion: string
}

export const emptyValues = (): ActValues => ({
  result: null,
  reason: '',
  standard_id: null,
  condition: '',
  organisation_id: null,
  assisting_ids: [],
  assignee_id: null,
  attachments: [],
  opinion: '',
})

function isRequired(needs: ActNeeds, name: FieldName): boolean {
  if (name === 'photos') return needs.photos > 0
  if (name === 'assisting') return false
  return Boolean(needs[name])
}

const COMMENT = 'comment'

/** Which fields an act's form has, in the order of the form. An opinion may always be given, photos where the act has a phase of its own. */
export function fieldsOf(act: Pick<Act, 'act' | 'needs'>): Field[] {
  const { needs } = act
  const accepted = new Set<string>([...needs.accepts, 'opinion'])
  if (needs.phase !== 'other' || act.act === COMMENT) accepted.add('photos')
  return FIELD_NAMES.map((name) => ({ name, required: isRequired(needs, name) })).filter(
    ({ name, required }) => required || accepted.has(name),
  )
}

const isMissing: Record<FieldName, (values: ActValues, needs: ActNeeds) => boolean> = {
  result: (values) => values.result === null,
  reason: (values) => !values.reason.trim(),
  standard: (values) => values.standard_id === null,
  condition: (values) => !values.condition.trim(),
  organisation: (values) => values.organisation_id === null,
  assisting: () => false,
  assignee: (values) => values.assignee_id === null,
  photos: (values, needs) => values.attachments.length < needs.photos,
  opinion: (values) => !values.opinion.trim(),
}

/** The required fields that are still empty. */
export const missingOf = (act: Pick<Act, 'act' | 'needs'>, values: ActValues): FieldName[] =>
  fieldsOf(act)
    .filter(({ name, required }) => required && isMissing[name](values, act.needs))
    .map(({ name }) => name)

/** The body of the request: only what the form asked for and the user gave. */
export function bodyOf(act: Pick<Act, 'act' | 'needs'>, values: ActValues, version?: number): ActBody {
  const asked = new Set(fieldsOf(act).map(({ name }) => name))
  const given = <T>(name: FieldName, value: T | null | ''): T | undefined => (asked.has(name) && value !== null && value !== '' ? value : undefined)
  return {
    act: act.act,
    version,
    result: given('result', values.result),
    reason: given('reason', values.reason),
    standard_id: given('standard', values.standard_id),
    condition: given('condition', values.condition.trim()),
    organisation_id: given('organisation', values.organisation_id),
    assisting_ids: asked.has('assisting') && values.assisting_ids.length ? values.assisting_ids : undefined,
    assignee_id: given('assignee', values.assignee_id),
    attachments: asked.has('photos') && values.attachments.length ? values.attachments : undefined,
    opinion: given('opinion', values.opinion.trim()),
  }
}

/** May the act be done to several cases at once? Not where each case needs its own photos or choice of condition. */
export const isForMany = (act: Act) => act.enabled && act.needs.photos === 0 && !act.needs.standard && !act.needs.condition && !act.needs.result

export interface ActRow {
  primary: Act | null
  shown: Act[]
  more: Act[]
}

/** Lay the acts out: the primary one last, dangerous ones first, the rest behind "more". */
export function arrange(acts: readonly Act[], room: number): ActRow {
  const primary = acts.find((act) => act.primary && act.enabled) ?? acts.find((act) => act.primary) ?? null
  const rest = acts.filter((act) => act !== primary)
  const hasOthers = rest.some((act) => act.act !== COMMENT)
  const isQuiet = (act: Act) => hasOthers && act.act === COMMENT
  const ordered = [...rest.filter((act) => !isQuiet(act)), ...rest.filter(isQuiet)]
  const shown = ordered.filter((act) => !isQuiet(act)).slice(0, room)
  const byDanger = [...shown.filter((act) => act.danger), ...shown.filter((act) => !act.danger)]
  return { primary, shown: byDanger, more: ordered.filter((act) => !shown.includes(act)) }
}

/** Letters of the acts that are possible now. */
export const actKeys = (acts: readonly Act[]): Map<string, Act> =>
  new Map(acts.filter((act) => act.enabled && act.key).map((act) => [(act.key ?? '').toLowerCase(), act]))
