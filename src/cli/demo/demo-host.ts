import { Capture, type CaptureDirection } from '../../device/capture.ts'
import type { Device } from '../../device/device.ts'
import { Impair } from '../../device/impair.ts'
import type { Impairment } from '../../device/impairment.ts'
import type { Stack } from '../../stack/stack.ts'
import { hardwareAddressText } from '../../wire/describe-layer.ts'

export type HostName = 'client' | 'second' | 'router' | 'server'

/** What became of a frame when it was sent. What arrives damaged is found by the frame check sequence, at the other end. */
export type Fate = 'sent' | 'lost' | 'held back' | 'doubled'

/** An interface of a host. */
export interface DemoLink {
  readonly host: DemoHost
  /** "client.eth0" */
  readonly name: string
  readonly hardwareAddress: string
  /** A number for each link of the network, in the order in which they were attached. */
  readonly index: number
}

/** Sees the frames of all hosts: those that a host sends before the cable can lose them, and those that arrive. */
export interface Tap {
  attached(host: DemoHost, name: string, device: Device): DemoLink
  sent(link: DemoLink, bytes: Uint8Array, start: number, end: number, at: number, fate: Fate): void
  arrived(link: DemoLink, bytes: Uint8Array, start: number, end: number): void
}

/** A computer with a stack of its own. */
export class DemoHost {
  readonly name: HostName
  readonly stack: Stack
  readonly #seed: number
  readonly #impairment: Impairment
  readonly #tap: Tap

  constructor(name: HostName, stack: Stack, seed: number, impairment: Impairment, tap: Tap) {
    this.name = name
    this.stack = stack
    this.#seed = seed
    this.#impairment = impairment
    this.#tap = tap
  }

  attach(name: string, device: Device, address: readonly string[]): void {
    const link = this.#tap.attached(this, name, device)
    // Each host's frames meet their fate as they leave, so that it is known at once.
    const impair = new Impair(device, { seed: this.#seed, out: this.#impairment })
    const fates = new Fates(impair)
    const sink = {
      frame: (bytes: Uint8Array, start: number, end: number, direction: CaptureDirection, at: number) => {
        if (direction === 'out') this.#tap.sent(link, bytes, start, end, at, fates.take())
        else this.#tap.arrived(link, bytes, start, end)
      },
    }
    // Nobody else is on these links who could have the addresses: to ask would only cost a second.
    const options = { address, name, duplicateAddressDetection: false }
    this.stack.attach(new Capture(impair, sink), options)
  }
}

/** Tells from the counters of an impaired device what has become of the frame that it was given last. */
class Fates {
  readonly #impair: Impair
  #lost = 0
  #held = 0
  #doubled = 0

  constructor(impair: Impair) {
    this.#impair = impair
  }

  take(): Fate {
    const { lost, overflowed, reordered, duplicated } = this.#impair.outbound
    let fate: Fate = 'sent'
    if (lost + overflowed > this.#lost) fate = 'lost'
    else if (reordered > this.#held) fate = 'held back'
    else if (duplicated > this.#doubled) fate = 'doubled'
    this.#lost = lost + overflowed
    this.#held = reordered
    this.#doubled = duplicated
    return fate
  }
}

/** The hardware address of a device, as text; '' for one without. */
export function hardwareAddressOf({ hardwareAddress }: Device): string {
  return hardwareAddress === null ? '' : hardwareAddressText(hardwareAddress, 0)
}
