import { checkMethods, checkNumber, given } from '../base/argument.ts'
import {
  DIRECTION_INBOUND,
  DIRECTION_OUTBOUND,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type PcapngWriter,
} from '../wire/pcapng.ts'
import type { CaptureDirection, CaptureSink } from './capture.ts'
import type { Device } from './device.ts'

/**
 * Writes what a Capture shows to a pcapng file, as an interface of the device's name; of frames that others have seen, `device` says no
 * more than the three fields.
 *
 * ```ts
 * const writer = new PcapngWriter((bytes) => fs.writeSync(file, bytes))
 * const sink = new PcapngSink(writer, tap, Date.now() - clock.now())
 * stack.attach(new Capture(tap, sink), { address: '10.0.0.2/24' })
 * ```
 */
export class PcapngSink implements CaptureSink {
  readonly #writer: PcapngWriter
  readonly #interface: number
  readonly #epoch: number

  /** `epoch`: milliseconds since 1970 at which the clock stood at 0. */
  constructor(
    writer: PcapngWriter,
    device: Pick<Device, 'name' | 'medium' | 'hardwareAddress'>,
    epoch = 0,
    snapLength?: number,
  ) {
    checkMethods('writer', writer, 'a PcapngWriter', 'addInterface', 'packet')
    if (device?.medium !== 'ethernet' && device?.medium !== 'ip') {
      throw new TypeError(`device must be a Device, got ${given(device)}`)
    }
    checkNumber('epoch', epoch)
    this.#writer = writer
    this.#epoch = epoch
    this.#interface = writer.addInterface({
      linkType: device.medium === 'ethernet' ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
      name: device.name,
      hardwareAddress: device.hardwareAddress,
      ...(snapLength === undefined ? {} : { snapLength }),
    })
  }

  frame(bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number): void {
    const flag = direction === 'in' ? DIRECTION_INBOUND : DIRECTION_OUTBOUND
    this.#writer.packet(this.#interface, this.#epoch + at, flag, bytes, start, end)
  }
}
