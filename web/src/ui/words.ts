import { useI18n } from 'vue-i18n'

interface Bilingual {
  zh: string | null
  en?: string | null
}

/** Rows of data carry both languages; these pick the reader's. */
export function useWords() {
  const { locale } = useI18n()
  const isEnglish = () => locale.value === 'en'
  const word = (row: Bilingual | null | undefined): string => (row ? (isEnglish() ? row.en : undefined) || row.zh || '' : '')
  const pick = (zh: string | null | undefined, en: string | null | undefined): string => (isEnglish() ? en : zh) || zh || en || ''
  /** An organisation or person, by the name the reader can read. */
  const named = (row: { name: string; name_en?: string } | null | undefined): string => pick(row?.name, row?.name_en)
  return { word, pick, named }
}
