import { computed, onUnmounted, reactive } from 'vue'
import { uploadAttachment } from '../api'

export interface Shot {
  name: string
  file: File
  preview: string
  ratio: number
  state: 'sending' | 'sent' | 'failed'
  id: string | null
  detail: string
}

/** Photos being sent: each on its own, so that one failure does not lose the others. */
export function usePhotoUploads(phase: string, onChange: (ids: string[]) => void) {
  const shots = reactive<Shot[]>([])
  const ids = computed(() => shots.flatMap((shot) => (shot.id ? [shot.id] : [])))

  async function send(shot: Shot) {
    shot.state = 'sending'
    shot.ratio = 0
    try {
      const { id } = await uploadAttachment(shot.file, phase, (ratio) => (shot.ratio = ratio))
      shot.id = id
      shot.state = 'sent'
    } catch (error) {
      shot.state = 'failed'
      shot.detail = error instanceof Error && 'detail' in error ? String(error.detail) : ''
    }
    onChange(ids.value)
  }
  function add(files: Iterable<File>) {
    for (const file of files) {
      shots.push({ name: file.name, file, preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : '', ratio: 0, state: 'sending', id: null, detail: '' })
      const shot = shots.at(-1)
      if (shot) void send(shot)
    }
  }
  function remove(shot: Shot) {
    URL.revokeObjectURL(shot.preview)
    shots.splice(shots.indexOf(shot), 1)
    onChange(ids.value)
  }
  onUnmounted(() => {
    shots.forEach((shot) => {
      URL.revokeObjectURL(shot.preview)
    })
  })
  return { shots, add, remove, again: send }
}
