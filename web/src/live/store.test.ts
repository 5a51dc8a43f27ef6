import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveListener } from './connection'
import { useLive } from './store'

const line = vi.hoisted(() => ({ listener: null as LiveListener | null }))
vi.mock('./sharing', () => ({
  openLine: (listener: LiveListener) => {
    line.listener = listener
    return { stop: () => undefined }
  },
}))

const OWN = 7
function desk() {
  const live = useLive()
  live.start(() => undefined, OWN)
  const say = (kind: string, data: unknown) => line.listener?.onEvent({ id: '1-1', kind, data: typeof data === 'string' ? data : JSON.stringify(data) })
  return { live, say }
}

describe('the live line', () => {
  beforeEach(() => {
    setActivePinia(createPinia())
  })
  it('has everything fetched anew when too much was missed', () => {
    const { live, say } = desk()
    const back = vi.fn()
    const heard = vi.fn()
    live.onBack(back)
    live.listen(heard)
    say('reset', {})
    expect(back).toHaveBeenCalledOnce()
    expect(heard).not.toHaveBeenCalled()
    expect(live.messages).toEqual([])
  })
  it('has it fetched anew after a break, not at the first connection', () => {
    const { live } = desk()
    const back = vi.fn()
    live.onBack(back)
    line.listener?.onState('live')
    expect(back).not.toHaveBeenCalled()
    line.listener?.onState('stale')
    line.listener?.onState('live')
    expect(back).toHaveBeenCalledOnce()
  })
  it('keeps messages about cases; what one does oneself is no news', () => {
    const { live, say } = desk()
    say('case.filed', { case_id: 1, title: '井盖缺失', by: 9, by_name: '李雷', act_name: { zh: '立案', en: 'File' } })
    say('case.closed', { case_id: 2, by: OWN })
    say('administration.reference_changed', {})
    say('case.filed', 'no json')
    expect(live.messages.map((one) => one.data.case_id)).toEqual([2, 1])
    expect(live.unread).toBe(1)
  })
})
