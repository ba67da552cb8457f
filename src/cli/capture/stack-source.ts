import { Capture } from '../../device/capture.ts'
import { realClock } from '../../platform/real-clock.ts'
import { StackHost } from '../stack-host.ts'
import { UsageError } from '../usage-error.ts'
import type { Where } from '../where.ts'
import { ANY, type CaptureSource, linkTypeText } from './capture-source.ts'
import type { CaptureTarget } from './capture-target.ts'

/** A stack that is made to be captured at: a host, that answers pings and refuses connections. */
export class StackSource implements CaptureSource {
  readonly name: string
  readonly description: string
  readonly remark: string
  readonly over: Promise<never>
  readonly lost = 0
  readonly #host: StackHost

  /** `wanted`: what -i says; `impair`: what --impair does. */
  constructor(where: Where, wanted: string = ANY, impair: string | undefined, target: CaptureTarget) {
    const { name } = where
    if (wanted !== name && wanted !== ANY) {
      throw new UsageError(`-i ${wanted}: --on has the interface ${name} alone; write that, or leave -i out`)
    }
    // A file that cannot be written is told before there is a device.
    target.open()
    const epoch = Date.now() - realClock.now()
    // Opened around the device that the host makes of --on.
    const host = new StackHost(where, impair === undefined ? {} : { impair }, (device) => {
      return new Capture(device, target.sink(device, { epoch, isNamed: false }))
    })
    this.#host = host
    this.name = name
    this.description = `${name}, ${linkTypeText(host.device.medium)}`
    this.remark = `the kernel's side: ${host.hint}`
    this.over = host.lost
  }

  async close(): Promise<void> {
    this.#host.close()
  }
}
