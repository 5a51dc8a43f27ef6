import type { Plugin } from 'vite'

/** Answers the API from memory while developing without a back end. */
export function mockApi(): Plugin {
  return { name: 'chengyun-mock-api', apply: 'serve' }
}
