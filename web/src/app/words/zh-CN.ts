import type { MessageTree } from '../i18n'
import { byContext } from '../i18n'
import shell from '../i18n/zh-CN'

const contexts = import.meta.glob<{ default: MessageTree }>('../../contexts/*/i18n/zh-CN.ts', { eager: true })

/** All words of a language in one file: a page waits for one answer, not for one after another. */
export const words: MessageTree = { ...shell, ...byContext(contexts) }
