import { ApiProblem, csrfToken, type Problem, unreachable } from '@/api'

export interface Uploaded {
  id: string
  url: string
  thumbnail: string | null
}

/**
 * Send one file, telling how far it is (ratio 0–1).
 * XMLHttpRequest because fetch does not report the progress of an upload.
 */
export function uploadAttachment(file: File, phase: string, onProgress: (ratio: number) => void): Promise<Uploaded> {
  const form = new FormData()
  form.append('file', file)
  form.append('phase', phase)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/v1/attachments')
    request.setRequestHeader('X-CSRFToken', csrfToken())
    request.setRequestHeader('Accept-Language', document.documentElement.lang)
    request.responseType = 'json'
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () => {
      reject(unreachable())
    }
    request.onload = () => {
      if (request.status < 300) resolve(request.response as Uploaded)
      else reject(new ApiProblem({ ...(request.response as Partial<Problem> | null), status: request.status }))
    }
    request.send(form)
  })
}
