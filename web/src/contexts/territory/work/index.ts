/** Work on grids over the map: what a file's check found, splitting, joining, taking away. */
export type { Draft, MapFault, Mode } from './types'
export { useReshape } from './useReshape'
export { workOverlay } from './overlay'
