/** One server-sent event. */
export interface ServerEvent {
  id: string
  kind: string
  data: string
}

/**
 * Reads a stream of server-sent events piece by piece.
 * We read the stream ourselves because the browser's EventSource hides the server's heartbeat comments
 * (without them a dead connection looks alive) and the status of a refusal.
 */
export class EventReader {
  lastId = ''
  retry_ms: number | null = null
  private rest = ''
  private kind = ''
  private data: string[] = []

  /** Take the next piece of text; return the events completed by it. */
  push(text: string): ServerEvent[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r/)
    this.rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.line(line))
  }

  private line(line: string): ServerEvent[] {
    if (line === '') return this.finish()
    if (line.startsWith(':')) return []
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.data.push(value)
    else if (field === 'event') this.kind = value
    else if (field === 'id') this.lastId = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry_ms = Number(value)
    return []
  }

  private finish(): ServerEvent[] {
    const event = { id: this.lastId, kind: this.kind || 'message', data: this.data.join('\n') }
    const isEmpty = this.data.length === 0
    this.kind = ''
    this.data = []
    return isEmpty ? [] : [event]
  }
}
