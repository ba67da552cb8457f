import { Switch } from '../device/switch.ts'
import type { LinkPort } from './link-port.ts'
import type { Node } from './node.ts'
import type { ActorClock } from './timeline.ts'

/** A learning Ethernet switch of a simulation: all that is linked to it is one network. `Simulation.switch` makes one. */
export class SwitchNode implements Node {
  readonly kind = 'switch'
  readonly name: string
  readonly #switch: Switch

  /** For `Simulation`. */
  constructor(name: string, clock: ActorClock) {
    this.name = name
    this.#switch = new Switch({ clock, name })
  }

  /** For the simulation. */
  plugIn(port: LinkPort): void {
    this.#switch.plug(port, port.name)
  }
}
