import { VueQueryPlugin } from '@tanstack/vue-query'
import { ElMessage } from 'element-plus'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import '@/design/index.css'
import { whenUnauthenticated } from '@/api'
import AppRoot from '@/app/AppRoot.vue'
import { fetchWords, i18n } from '@/app/i18n'
import { queryClient } from '@/app/queryClient'
import { fetchPage, router } from '@/app/router'
import { usePreferences } from '@/session/preferences'
import { useSession } from '@/session/store'

const app = createApp(AppRoot)
app.use(createPinia())
app.use(i18n)
app.use(VueQueryPlugin, { queryClient })

const session = useSession()
whenUnauthenticated(() => {
  session.expire()
})

// All that is sure to be needed is asked for at once, not one after another's answer.
const preferences = usePreferences()
fetchPage(window.location.pathname + window.location.search)
void fetchWords(preferences.likelyLanguage()).catch(() => undefined)
const me = await session.load().catch(() => null)
await preferences.restoreLanguage(me?.language)
app.use(router)
// Messages are shown outside the app's tree; with its context they may hold links.
ElMessage._context = app._context
app.mount('#app')
