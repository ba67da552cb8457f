import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Device } from '../../src/device/device.ts'
import { Switch } from '../../src/device/switch.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { AttachOptions } from '../../src/stack/stack-options.ts'
import { drive, pass } from '../berkeley/drive.ts'

/** A link of hosts, and what a client of one of them said to those that serve. */
export class AskedLink<S extends { readonly message: { readonly type: number } }> {
  readonly clock = new ManualClock(1000)
  readonly stack = new Stack({ clock: this.clock, random: new SeededRandom(3) })
  readonly said: S[] = []
  readonly #lan = new Switch({ clock: this.clock })
  #hosts = 0

  /** A place on the link. */
  port(): Device {
    return this.#lan.port()
  }

  /** A host of its own. */
  host(options: AttachOptions): Stack {
    const host = new Stack({ clock: this.clock, random: new SeededRandom(10 + this.#hosts++) })
    host.attach(this.port(), { name: 'eth0', ...options })
    return host
  }

  /** Types of what was said, in order. */
  get types(): number[] {
    return this.said.map(({ message }) => message.type)
  }

  pass(milliseconds: number): Promise<void> {
    return pass(this.clock, milliseconds)
  }

  drive<T>(promise: Promise<T>): Promise<T> {
    return drive(this.clock, promise)
  }
}
