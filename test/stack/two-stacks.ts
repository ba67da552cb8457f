import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Cable } from '../../src/device/cable.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'

/** Two hosts on one cable, 10.0.0.1/24 and 10.0.0.2/24, on one manual clock. */
export class TwoStacks {
  readonly clock = new ManualClock(1000)
  readonly cable: Cable
  readonly left: Stack
  readonly right: Stack

  constructor(cable: ConstructorParameters<typeof Cable>[0] = {}, options: Partial<StackOptions> = {}) {
    this.cable = new Cable(cable)
    this.left = new Stack({ clock: this.clock, random: new SeededRandom(1), ...options })
    this.right = new Stack({ clock: this.clock, random: new SeededRandom(2), ...options })
    this.left.attach(this.cable.left, { address: '10.0.0.1/24', name: 'eth0' })
    this.right.attach(this.cable.right, { address: '10.0.0.2/24', name: 'eth0' })
  }

  /** Lets everything happen that happens within `ms` milliseconds. */
  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }
}
