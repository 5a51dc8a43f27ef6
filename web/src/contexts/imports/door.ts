import { inject, type InjectionKey, provide } from 'vue'

/** Where some kinds of rows come in: an address of the API, and what the screen says of it. */
export interface ImportDoor {
  path: '/imports' | '/components/imports' | '/territory/addresses/imports'
  /** Keys of texts. */
  title: string
  lead: string
  formats: string
  accept: string
}

const KEY: InjectionKey<ImportDoor> = Symbol('import door')

export const provideDoor = (door: ImportDoor) => {
  provide(KEY, door)
}
export function useDoor(): ImportDoor {
  const door = inject(KEY)
  if (!door) throw new Error('no import door')
  return door
}
