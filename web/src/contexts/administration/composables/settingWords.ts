import { useI18n } from 'vue-i18n'
import type { Setting } from '../api'

/** How a setting's value reads: switches and choices by word, figures with their unit. */
export function useSettingWords() {
  const { t, te } = useI18n()
  const named = (list: string, code: string) => (te(`administration.setting.${list}.${code}`) ? t(`administration.setting.${list}.${code}`) : code)
  const unitOf = (one: Setting) => (one.unit ? named('unit', one.unit) : '')
  /** "15 calendar_minute" → 15 minutes. */
  function limitWords(text: string): string {
    const [amount = '', unit = ''] = text.split(' ')
    return te(`ui.unit.${unit}`) ? t(`ui.unit.${unit}`, { n: amount }, Number(amount)) : text
  }
  function bare(one: Setting, value: unknown): string {
    if (one.secret) return one.is_set ? '••••••' : t('administration.setting.notSet')
    if (value === null || value === undefined || value === '') return t('administration.setting.empty')
    if (typeof value === 'boolean') return t(value ? 'administration.setting.yes' : 'administration.setting.no')
    if (Array.isArray(value) && !value.length) return t('administration.setting.empty')
    if (one.type === 'limit') return limitWords(String(value as string))
    if (typeof value === 'object') return JSON.stringify(value)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return one.type === 'choice' ? named('choice', text) : text
  }
  const shown = (one: Setting, value: unknown) => [bare(one, value), typeof value === 'number' ? unitOf(one) : ''].filter(Boolean).join(' ')
  const groupOf = (group: string) => named('groups', group)
  const certaintyOf = (code: string) => named('certainties', code)
  return { shown, groupOf, certaintyOf, unitOf }
}

export const isDefault = (one: Setting) => (one.secret ? !one.is_set : JSON.stringify(one.value) === JSON.stringify(one.default))
