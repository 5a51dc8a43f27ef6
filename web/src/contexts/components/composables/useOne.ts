import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import type { ComponentDetail } from '../shapes'
import { get } from '@/contexts/administration'

/** One component with everything known of it. */
export function useOne(id: Ref<number | null>) {
  return useQuery({ queryKey: computed(() => ['administration', 'component', id.value]), queryFn: () => get<ComponentDetail>(`/components/${id.value}`), enabled: computed(() => id.value !== null) })
}

/** The component that a plate names. */
export const componentByCode = (code: string) => get<ComponentDetail>(`/components/by-code/${encodeURIComponent(code)}`)
