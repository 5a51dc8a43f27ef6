import { expect, it } from 'vitest'
import { begun } from './begun'

it('gives an answer asked for beforehand once, to a reading of that address only', async () => {
  const answer = new Response('{}')
  window.chengyunBegun = { '/api/v1/session': Promise.resolve(answer) }
  const url = `${window.location.origin}/api/v1/session`
  expect(begun('DELETE', url)).toBeNull()
  expect(begun('GET', `${url}/csrf`)).toBeNull()
  expect(await begun('GET', url)).toBe(answer)
  expect(begun('GET', url)).toBeNull()
})
it('asks anew where nothing was begun', () => {
  window.chengyunBegun = undefined
  expect(begun('GET', '/api/v1/session')).toBeNull()
})
