import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useTrying } from '../composables/useTrying'
import type { GroupCheck, GroupDraft, GroupFault, GroupKind } from './types'
import { answer, client } from '@/api'
import { useAct } from '@/contexts/administration'

const PAGE = 200
const none: GroupDraft = { isNew: true, code: '', zh: '', en: '', organisation_id: null, area_class: '', note: '', members: [] }

/** The grids of a kind, and what is not covered. */
function useGroupLists(kind: Ref<GroupKind>) {
  const q = ref('')
  const list = useQuery({
    queryKey: computed(() => ['territory', 'groups', kind.value, q.value]),
    queryFn: () => answer(client.GET('/api/v1/territory/grid-groups/{kind}', { params: { path: { kind: kind.value }, query: { q: q.value, limit: PAGE } } })),
  })
  const faults = useQuery({
    queryKey: computed(() => ['territory', 'group-faults', kind.value]),
    queryFn: () => answer(client.GET('/api/v1/territory/grid-groups/{kind}/faults', { params: { path: { kind: kind.value } } })),
  })
  const counts = computed(() => faults.data.value?.counts ?? [])
  const found = computed<GroupFault[]>(() => faults.data.value?.faults ?? [])
  return { q, list, counts, found }
}

/** One grid being made or changed: its members, and what is wrong with them. */
function useGroupDraft(kind: Ref<GroupKind>) {
  const { t } = useI18n()
  const draft = ref<GroupDraft | null>(null)
  const check = ref<GroupCheck | null>(null)
  const { refusal, busy, tried } = useTrying()
  const wrong = computed(() => (check.value ? [...check.value.apart.flat(), ...check.value.taken.map((one) => one.code), ...check.value.classes] : []))
  const isReady = computed(() => Boolean(draft.value?.zh.trim() && draft.value.members.length && (kind.value === 'management' || draft.value.area_class)))

  function take(next: GroupDraft | null) {
    draft.value = next
    check.value = null
    refusal.value = ''
  }
  watch(kind, () => {
    take(null)
  })
  // A check speaks of the members it was got from.
  watch(() => draft.value?.members, () => {
    check.value = null
    refusal.value = ''
  })
  async function open(code: string): Promise<void> {
    const found = await tried(() => answer(client.GET('/api/v1/territory/grid-groups/{kind}/{code}', { params: { path: { kind: kind.value, code } } })))
    if (found) take({ isNew: false, code, zh: found.zh, en: found.en, organisation_id: found.organisation?.id ?? null, area_class: found.area_class as GroupDraft['area_class'], note: found.note, members: found.members })
  }
  function toggle(code: string) {
    if (!draft.value) return
    const members = draft.value.members
    draft.value = { ...draft.value, members: members.includes(code) ? members.filter((one) => one !== code) : [...members, code] }
  }
  /** Choose or leave the unit grid, or the management grid, under a place. */
  async function press(lon: number, lat: number) {
    if (!draft.value) return
    const found = await tried(() => answer(client.GET('/api/v1/territory/grids/at', { params: { query: { lon, lat } } })))
    if (!found) return
    if (kind.value === 'management') {
      toggle(found.grid.code)
      return
    }
    const holders = await tried(() => answer(client.GET('/api/v1/territory/grid-groups/{kind}', { params: { path: { kind: 'management' }, query: { grid: found.grid.code } } })))
    const [one] = holders?.items ?? []
    if (one) toggle(one.code)
    else if (holders) refusal.value = t('territory.groups.noHolder')
  }
  return { draft, check, refusal, busy, tried, wrong, isReady, take, open, toggle, press }
}

/** Management or evaluation grids: the lists, and making, changing and ending one. */
export function useGroups() {
  const { t } = useI18n()
  const { ask, tell } = useAct()
  const queries = useQueryClient()
  const kind = ref<GroupKind>('management')
  const lists = useGroupLists(kind)
  const work = useGroupDraft(kind)
  const { draft, check, tried, take, wrong } = work

  function send(isTrial: boolean) {
    const one = draft.value ?? none
    const { isNew, code, ...rest } = one
    const body = { ...rest, zh: one.zh.trim(), dry_run: isTrial }
    if (isNew) return answer(client.POST('/api/v1/territory/grid-groups/{kind}', { params: { path: { kind: kind.value } }, body: { ...body, code } }))
    return answer(client.PUT('/api/v1/territory/grid-groups/{kind}/{code}', { params: { path: { kind: kind.value, code } }, body }))
  }
  async function tryOut() {
    const found = await tried(() => send(true))
    check.value = found?.check ?? null
    return found
  }
  const refresh = () => queries.invalidateQueries({ queryKey: ['territory'] })
  async function save() {
    if (!(await tryOut()) || wrong.value.length) return
    const saved = await tried(() => send(false))
    if (!saved) return
    tell(t('territory.groups.saved', { code: saved.code }))
    take(null)
    await refresh()
  }
  async function end() {
    const code = draft.value?.code ?? ''
    const act = () => answer(client.DELETE('/api/v1/territory/grid-groups/{kind}/{code}', { params: { path: { kind: kind.value, code } } }))
    if (!(await ask(t('territory.groups.endQuestion', { code }), act, t('territory.groups.ended')))) return
    take(null)
    await refresh()
  }
  const begin = () => {
    take({ ...none, members: [] })
  }
  const close = () => {
    take(null)
  }
  return { kind, ...lists, ...work, begin, close, tryOut, save, end, refresh }
}
