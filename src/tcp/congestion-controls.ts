import type { CongestionControl } from './congestion.ts'
import type { Connection } from './connection.ts'
import { cubic } from './cubic.ts'
import { reno } from './reno.ts'

/** The algorithms that TCP_CONGESTION can name; the first is used where nothing is asked for. */
const CONGESTION_CONTROLS: readonly CongestionControl[] = [cubic, reno]

/** The one of this name, or null. */
export function congestionControl(name: string): CongestionControl | null {
  for (let i = 0; i < CONGESTION_CONTROLS.length; i++) {
    const control = CONGESTION_CONTROLS[i] as CongestionControl
    if (control.name === name) return control
  }
  return null
}

/** From now on the connection uses `control`. */
export function useControl(c: Connection, control: CongestionControl): void {
  if (c.control === control) return
  c.control = control
  c.controlState = null
  c.leastRtt = 0
  control.init?.(c)
}
