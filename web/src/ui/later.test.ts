import { expect, it } from 'vitest'
import { createApp, h, nextTick, ref } from 'vue'
import { laterComponent, useEverOpen } from './later'

it('builds a part when it is first wanted, and keeps it', async () => {
  const open = ref(false)
  const ever = useEverOpen(open)
  expect(ever.value).toBe(false)
  open.value = true
  expect(ever.value).toBe(true)
  open.value = false
  await nextTick()
  expect(ever.value).toBe(true)
})

it('shows what it fetched', async () => {
  const Part = laterComponent(() => Promise.resolve((props: { name: string }) => h('b', props.name)))
  const page = document.createElement('div')
  createApp(() => h(Part, { name: 'here' })).mount(page)
  expect(page.textContent).toBe('')
  await new Promise((done) => setTimeout(done))
  expect(page.textContent).toBe('here')
})
