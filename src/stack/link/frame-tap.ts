import type { Offload } from '../../device/device.ts'
import type { NetworkInterface } from './network-interface.ts'

/** Sees each frame that comes to an interface, and each that its device has taken. Who has none asks nothing of it but whether it is there. */
export interface FrameTap {
  /** The frame lies in `bytes[start, end)`, as devices have it: lent until this returns. */
  passes(on: NetworkInterface, bytes: Uint8Array, start: number, end: number, offload: Offload, inbound: boolean): void
}
