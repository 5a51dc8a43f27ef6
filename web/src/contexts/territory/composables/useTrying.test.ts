import { describe, expect, it } from 'vitest'
import { useTrying } from './useTrying'
import { ApiProblem } from '@/api'

describe('trying an act', () => {
  it('writes once where it is pressed twice', async () => {
    const { triedOnce, busy } = useTrying()
    let written = 0
    const act = () => Promise.resolve((written += 1))
    const [first, second] = await Promise.all([triedOnce(act), triedOnce(act)])
    expect([written, first, second]).toEqual([1, 1, null])
    expect(busy.value).toBe(false)
    expect(await triedOnce(act)).toBe(2)
  })

  it('tells a refusal in words also where the server gave none', async () => {
    const { tried, refusal, problem } = useTrying()
    const refused = new ApiProblem({ status: 409, code: 'stale', title: 'Changed by another' })
    expect(await tried(() => Promise.reject(refused))).toBeNull()
    expect(refusal.value).toBe('Changed by another')
    expect(problem.value?.code).toBe('stale')
    await tried(() => Promise.resolve(1))
    expect([refusal.value, problem.value]).toEqual(['', null])
  })
})
