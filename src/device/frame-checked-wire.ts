import type { Device } from './device.ts'

/** Changes the octets of a frame on the wire, `bytes[start, end)` with padding and frame check sequence, in place. */
export type Disturbance = (bytes: Uint8Array, start: number, end: number) => void

/** A place on the wire, behind the computing of the frame check sequence and before its checking. */
export interface WirePoint {
  disturbance: Disturbance | null
}

/** The wire of a device whose frames carry a frame check sequence. */
export interface FrameCheckedWire {
  readonly outbound: WirePoint
  readonly inbound: WirePoint
}

/** A device that lets its wire be disturbed. A decorator hands out the wire of the device it is around. */
export interface WiredDevice extends Device {
  readonly wire: FrameCheckedWire | null
}

/** The wire of `device`; null where it has none or carries no frame check sequence. */
export function wireOf(device: Device): FrameCheckedWire | null {
  return (device as Partial<WiredDevice>).wire ?? null
}
