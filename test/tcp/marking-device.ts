import { read16, write16 } from '../../src/base/bytes.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Device, DeviceFeatures, FrameReceiver, Offload } from '../../src/device/device.ts'
import type { Chance } from './chance.ts'

const ETHERNET = 14
const CE = 3

/** The end of a cable whose router marks what it may, instead of dropping it: every tenth packet or so. */
export class MarkingDevice implements Device {
  readonly name: string
  readonly medium = 'ethernet'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number
  readonly features: DeviceFeatures
  /** Packets of IPv4 that it has marked, and octets of their IP payload. */
  marked = 0
  readonly #inner: Device
  readonly #chance: Chance

  constructor(inner: Device, chance: Chance) {
    this.#inner = inner
    this.#chance = chance
    this.name = inner.name
    this.mtu = inner.mtu
    this.hardwareAddress = inner.hardwareAddress
    this.headroom = inner.headroom
    this.features = inner.features
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const ip = start + ETHERNET
    const tos = bytes[ip + 1] as number
    const mayMark = read16(bytes, start + 12) === 0x0800 && (tos & CE) !== 0
    if (!mayMark || !this.#chance.oneIn(10)) return this.#inner.transmit(bytes, start, end, offload)
    // RFC 1624: the header's checksum follows the change.
    const word = read16(bytes, ip)
    const sum = (~read16(bytes, ip + 10) & 0xffff) + (~word & 0xffff) + (word | CE)
    const folded = (sum & 0xffff) + (sum >>> 16)
    write16(bytes, ip + 10, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff)
    bytes[ip + 1] = tos | CE
    const sent = this.#inner.transmit(bytes, start, end, offload)
    if (sent) this.marked++
    return sent
  }

  attach(receiver: FrameReceiver, clock: Clock): void {
    this.#inner.attach(receiver, clock)
  }

  close(): void {
    this.#inner.close()
  }
}
