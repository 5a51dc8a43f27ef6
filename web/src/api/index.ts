export { answer, client, csrfToken, newIdempotencyKey, rawRequest, setApiLanguage, whenUnauthenticated } from './client'
export { ApiProblem, asProblem, fieldMessage, unreachable } from './problem'
export { serverNow } from './serverTime'
export type * from './contract'
