import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { answer, ApiProblem, client, type Me } from '@/api'

/** Who is signed in. Outlives every view. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  /** true while someone was signed in and the server no longer knows the session */
  const expired = ref(false)
  let asked: Promise<Me | null> | null = null

  const permissions = computed(() => new Set(me.value?.permissions ?? []))
  const can = (permission: string) => permissions.value.has(permission)
  const canAny = (anyOf?: string[]) => !anyOf?.length || anyOf.some(can)

  /** Ask the server once who we are; null when nobody is signed in. */
  function load(): Promise<Me | null> {
    asked ??= answer(client.GET('/api/v1/session'))
      .then((value) => (me.value = value))
      .catch((error: unknown) => {
        if (error instanceof ApiProblem && error.status === 401) return null
        asked = null
        throw error
      })
    return asked
  }

  async function signIn(username: string, password: string): Promise<Me> {
    if (!document.cookie.includes('csrftoken=')) await answer(client.GET('/api/v1/session/csrf'))
    const value = await answer(client.POST('/api/v1/session', { body: { username, password } }))
    const isSomeoneElse = me.value !== null && me.value.person.id !== value.person.id
    me.value = value
    asked = Promise.resolve(value)
    expired.value = false
    // Another person's data must not stay on the screen.
    if (isSomeoneElse) window.location.assign('/')
    return value
  }

  async function signOut() {
    await answer(client.DELETE('/api/v1/session')).catch(() => undefined)
    window.location.assign('/sign-in')
  }

  async function changePassword(old: string, fresh: string) {
    await answer(client.POST('/api/v1/session/password', { body: { old, new: fresh } }))
    if (!me.value) return
    me.value = { ...me.value, must_change_password: false }
    // What the router asks must know it too, or it leads back to the password page.
    asked = Promise.resolve(me.value)
  }

  function expire() {
    if (me.value) expired.value = true
  }

  return { me, expired, can, canAny, load, signIn, signOut, changePassword, expire }
})
