import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { usePreferences } from './preferences'

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }))
  localStorage.clear()
  setActivePinia(createPinia())
})

it("speaks Chinese before anybody has signed in, then the person's own language", async () => {
  const preferences = usePreferences()
  await preferences.restoreLanguage()
  expect([preferences.language, localStorage.getItem('chengyun.language')]).toEqual(['zh-CN', null])
  await preferences.restoreLanguage('en')
  expect(preferences.language).toBe('en')
})
it('keeps what was chosen at this desk', async () => {
  const preferences = usePreferences()
  await preferences.setLanguage('en')
  await preferences.restoreLanguage('zh-CN')
  expect([preferences.language, preferences.likelyLanguage()]).toEqual(['en', 'en'])
})
