import { Switch as CoreSwitch, type SwitchOptions as CoreSwitchOptions } from '../device/switch.ts'
import { realClock } from './real-clock.ts'

/** What `Switch` takes: everything has a default, the clock that of the machine. */
export type SwitchOptions = Partial<CoreSwitchOptions>

/**
 * A learning Ethernet switch on the machine's time. For a simulation give it the `ManualClock` of its stacks.
 *
 * ```ts
 * const lan = new Switch()
 * for (const [i, stack] of stacks.entries()) stack.attach(lan.port(), { address: `10.0.0.${i + 1}/24` })
 * ```
 */
export class Switch extends CoreSwitch {
  constructor(options: SwitchOptions = {}) {
    super(options === null || typeof options !== 'object' ? options : { ...options, clock: options.clock ?? realClock })
  }
}
