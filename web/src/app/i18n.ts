import { createI18n } from 'vue-i18n'
import { setApiLanguage } from '@/api'

export const LANGUAGES = ['zh-CN', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

interface MessageTree {
  [key: string]: string | string[] | MessageTree
}
type MessageFile = () => Promise<{ default: MessageTree }>

// A context's words stand in contexts/<name>/i18n/<language>.ts and are found under its name: cases.queue.title.
const ofShell = import.meta.glob<{ default: MessageTree }>('./i18n/*.ts') as Record<string, MessageFile>
const ofContexts = import.meta.glob<{ default: MessageTree }>('../contexts/*/i18n/*.ts') as Record<string, MessageFile>

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: {} })
const loading = new Map<Language, Promise<MessageTree>>()

const fileName = (path: string) => path.split('/').at(-1)?.replace('.ts', '')
const contextName = (path: string) => path.split('/').at(-3) ?? ''

async function messagesOf(language: Language): Promise<MessageTree> {
  const shell = Object.entries(ofShell).filter(([path]) => fileName(path) === language)
  const parts = await Promise.all(shell.map(([, load]) => load()))
  const tree: MessageTree = Object.assign({}, ...parts.map((part) => part.default))
  const own = Object.entries(ofContexts).filter(([path]) => fileName(path) === language)
  await Promise.all(
    own.map(async ([path, load]) => {
      tree[contextName(path)] = (await load()).default
    }),
  )
  return tree
}

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
