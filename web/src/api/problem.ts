import type { Problem } from './contract'

/** A refusal or failure of a request, with the server's stable code and its advice to the user. */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: { field: string | null; code: string; message: string }[]

  constructor(problem: Partial<Problem> & { status: number }) {
    super(problem.title ?? problem.code ?? `HTTP ${problem.status}`)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.code = problem.code ?? `http_${problem.status}`
    this.detail = problem.detail ?? ''
    this.errors = problem.errors ?? []
  }
}

/** Status 0 stands for "no answer": the network or the server is away. */
export const unreachable = () => new ApiProblem({ status: 0, code: 'unreachable' })

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  if (error instanceof TypeError) return unreachable()
  return new ApiProblem({ status: -1, code: 'unexpected', title: String(error) })
}

/** The field's own message among the problem's errors, if the server named that field. */
export const fieldMessage = (problem: ApiProblem | null, field: string) =>
  problem?.errors.find((error) => error.field === field || error.field?.endsWith(`.${field}`) || error.field?.startsWith(`${field}.`))?.message
