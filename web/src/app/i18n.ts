import { createI18n } from 'vue-i18n'
import { setApiLanguage } from '@/api'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

export interface MessageTree {
  [key: string]: string | string[] | MessageTree
}

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: {} })
const loading = new Map<Language, Promise<MessageTree>>()

const contextName = (path: string) => path.split('/').at(-3) ?? ''

/** A context's words stand in contexts/<name>/i18n/<language>.ts and are found under its name: cases.queue.title. */
export const byContext = (files: Record<string, { default: MessageTree }>): MessageTree =>
  Object.fromEntries(Object.entries(files).map(([path, file]) => [contextName(path), file.default]))

const LOADED: Record<Language, () => Promise<{ words: MessageTree }>> = {
  'zh-CN': () => import('./words/zh-CN'),
  en: () => import('./words/en'),
}
const messagesOf = async (language: Language): Promise<MessageTree> => (await LOADED[language]()).words

/** Fetch the words of a language, once. */
export function fetchWords(language: Language): Promise<MessageTree> {
  const begun = loading.get(language) ?? messagesOf(language)
  loading.set(language, begun)
  begun.catch(() => loading.delete(language))
  return begun
}

export async function useLanguage(language: Language): Promise<void> {
  i18n.global.setLocaleMessage(language, await fetchWords(language))
  i18n.global.locale.value = language
  document.documentElement.lang = language
  setApiLanguage(language)
}
