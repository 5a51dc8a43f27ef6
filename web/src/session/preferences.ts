import { useMediaQuery } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref, watchEffect } from 'vue'
import { answer, client } from '@/api'
import { type Language, LANGUAGES, useLanguage } from '@/app/i18n'

export type Theme = 'light' | 'dark' | 'auto'

const read = (key: string) => localStorage.getItem(`chengyun.${key}`)
const write = (key: string, value: string) => localStorage.setItem(`chengyun.${key}`, value)

/** What this desk's user likes; kept in the browser. */
export const usePreferences = defineStore('preferences', () => {
  const language = ref<Language>('zh-CN')
  const theme = ref<Theme>((read('theme') as Theme | null) ?? 'light')
  const goesOn = ref(read('goesOn') !== 'no')
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)')
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.value))

  watchEffect(() => document.documentElement.classList.toggle('dark', dark.value))

  async function speak(value: Language) {
    await useLanguage(value)
    language.value = value
  }
  /** Chosen at this desk, and kept for it. */
  async function setLanguage(value: Language) {
    write('language', value)
    await speak(value)
  }
  /** The user's choice: also the language in which the server writes to him. */
  async function chooseLanguage(value: Language) {
    await setLanguage(value)
    await answer(client.PATCH('/api/v1/session', { body: { language: value } })).catch(() => undefined)
  }
  /** The language chosen here before, else the person's own, else Chinese. */
  async function restoreLanguage(own?: string) {
    const wanted = read('language') ?? own
    await speak(LANGUAGES.find((known) => known === wanted) ?? 'zh-CN')
  }
  /** What was chosen here before, else Chinese: known before the server has said who we are. */
  const likelyLanguage = (): Language => LANGUAGES.find((known) => known === read('language')) ?? 'zh-CN'
  function setTheme(value: Theme) {
    theme.value = value
    write('theme', value)
  }
  /** After an act: open the next case of the queue? */
  function setGoesOn(value: boolean) {
    goesOn.value = value
    write('goesOn', value ? 'yes' : 'no')
  }

  return { language, theme, dark, goesOn, setLanguage, chooseLanguage, restoreLanguage, likelyLanguage, setTheme, setGoesOn }
})
