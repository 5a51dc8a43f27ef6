import { useQueryClient } from '@tanstack/vue-query'
import { ElMessage, ElMessageBox } from 'element-plus'
import { useI18n } from 'vue-i18n'
import { asProblem } from '@/api'

/** Runs a small act: asks first where it is grave, tells what became of it, refreshes the lists. */
export function useAct() {
  const { t } = useI18n()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['administration'] })
  const tell = (text: string) => ElMessage.success(text)

  async function run(act: () => Promise<unknown>, done: string): Promise<boolean> {
    try {
      await act()
    } catch (error) {
      const problem = asProblem(error)
      const text = problem.status === 0 ? t('ui.failed.unreachable') : problem.detail || problem.message
      ElMessage.error({ message: text, duration: 8000, showClose: true })
      return false
    }
    tell(done)
    await refresh()
    return true
  }

  async function ask(question: string, act: () => Promise<unknown>, done: string): Promise<boolean> {
    const sure = await ElMessageBox.confirm(question, t('administration.sure'), {
      type: 'warning',
      confirmButtonText: t('administration.yes'),
      cancelButtonText: t('ui.cancel'),
    }).catch(() => null)
    return sure ? run(act, done) : false
  }
  return { run, ask, refresh, tell }
}
