import type { CaseDraft } from '@/api'

export interface RegisterForm {
  source: string
  type: string
  kind: string
  title: string
  description: string
  address: string
  lon: number | null
  lat: number | null
  component_code: string
  urgent: boolean
  anonymous: boolean
  name: string
  phone: string
  attachments: string[]
}
export type RegisterField = 'source' | 'type' | 'description' | 'address' | 'location' | 'name' | 'phone' | 'component_code' | 'title' | 'photos'

export const emptyForm = (source: string): RegisterForm => ({
  source, type: '', kind: '', title: '', description: '', address: '', lon: null, lat: null, component_code: '', urgent: false, anonymous: false, name: '', phone: '', attachments: [],
})
const PUBLIC_SOURCES = new Set(['public', 'hotline', 'letter', 'media'])

export const isFromPublic = (form: Pick<RegisterForm, 'source'>) => PUBLIC_SOURCES.has(form.source)

/** What is missing before the form may be sent. */
export function missingIn(form: RegisterForm): RegisterField[] {
  const missing: RegisterField[] = []
  if (!form.type) missing.push('type')
  if (!form.description.trim()) missing.push('description')
  if (form.lon === null || form.lat === null) missing.push('location')
  if (!form.address.trim()) missing.push('address')
  if (isFromPublic(form) && !form.anonymous && !form.phone.trim()) missing.push('phone')
  if (form.source === 'collector' && !form.attachments.length) missing.push('photos')
  return missing
}

export function draftOf(form: RegisterForm): CaseDraft {
  const isPublic = isFromPublic(form)
  return {
    source: form.source, type: form.type, kind: form.kind === 'component' || form.kind === 'matter' ? form.kind : undefined, title: form.title.trim() || undefined, description: form.description.trim(), address: form.address.trim(),
    location: { lon: form.lon ?? 0, lat: form.lat ?? 0, crs: 'EPSG:4490' }, component_code: form.component_code.trim() || undefined, urgent: form.urgent || undefined, attachments: form.attachments,
    reporter: isPublic ? { name: form.name.trim(), phone: form.phone.trim(), anonymous: form.anonymous } : undefined,
  }
}
