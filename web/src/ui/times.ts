import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { spanOf } from './span'
import { useSession } from '@/session/store'

const SECOND = 1000

interface Formats {
  full: Intl.DateTimeFormat
  day: Intl.DateTimeFormat
  clock: Intl.DateTimeFormat
  exact: Intl.DateTimeFormat
  date: Intl.DateTimeFormat
}
const known = new Map<string, Formats>()

/** Making a format is dear, and a list has hundreds of times: one of each per language and zone. */
function formatsOf(language: string, timeZone: string): Formats {
  const found = known.get(`${language} ${timeZone}`)
  if (found) return found
  const of = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone, hourCycle: 'h23', ...options })
  const made = {
    full: of({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: new Intl.DateTimeFormat('sv-SE', { timeZone }),
    clock: of({ hour: '2-digit', minute: '2-digit' }),
    exact: of({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    date: of({ month: '2-digit', day: '2-digit' }),
  }
  known.set(`${language} ${timeZone}`, made)
  return made
}

/** Times in the reader's language and the platform's time zone. */
export function useTimes() {
  const { t, locale } = useI18n()
  const session = useSession()
  const formats = computed(() => formatsOf(locale.value, session.me?.node.time_zone ?? 'Asia/Shanghai'))
  const dayOf = (iso: string | number) => formats.value.day.format(new Date(iso))
  const clock = (iso: string) => formats.value.clock.format(new Date(iso))
  const exact = (iso: string) => formats.value.exact.format(new Date(iso))
  const isToday = (iso: string) => dayOf(iso) === dayOf(Date.now())

  /** The whole instant, for a tooltip. */
  const full = (iso: string | null | undefined) => (iso ? formats.value.full.format(new Date(iso)) : '')
  const date = (iso: string) => (dayOf(iso).slice(0, 4) === dayOf(Date.now()).slice(0, 4) ? formats.value.date.format(new Date(iso)) : dayOf(iso))
  /** Today only the clock, before that also the day. */
  const short = (iso: string | null | undefined) => {
    if (!iso) return ''
    return isToday(iso) ? clock(iso) : `${date(iso)} ${clock(iso)}`
  }
  /** A length of time [s] in two figures. */
  const span = (seconds: number) => {
    const cut = spanOf(seconds)
    if (cut.kind === 'clock') return cut.text
    return cut.kind === 'hours' ? t('ui.time.hour', { h: cut.h, m: cut.m }) : t('ui.time.day', { d: cut.d, h: cut.h })
  }
  /** Time left until, or time over since, an instant. */
  const left = (due: string, now: number) => {
    const seconds = (Date.parse(due) - now) / SECOND
    return t(seconds < 0 ? 'ui.time.over' : 'ui.time.left', { time: span(seconds) })
  }
  const ago = (at: number, now: number) => {
    const seconds = Math.max(0, (now - at) / SECOND)
    if (seconds < 10) return t('ui.time.justNow')
    if (seconds < 60) return t('ui.time.ago', { time: t('ui.time.seconds', { s: Math.floor(seconds) }) })
    if (seconds < 3600) return t('ui.time.ago', { time: t('ui.time.minutes', { m: Math.floor(seconds / 60) }) })
    return t('ui.time.ago', { time: t('ui.time.hours', { h: Math.floor(seconds / 3600) }) })
  }
  /** A limit with its unit: 2 working hours. */
  const limit = (value: number, unit: string) => t(`ui.unit.${unit}`, { n: value }, value)

  /** The day as files are named by it: 2026-11-23. */
  const isoDay = (at: number) => dayOf(at)

  return { isoDay, full, short, clock, exact, date, isToday, span, left, ago, limit }
}
