// Read first: Documentation/networking/tuntap.rst of Linux, linux/if_tun.h.
//
// A TAP device carries Ethernet frames between the kernel's network and ours, a TUN device IP packets. Both come with a vnet
// header, which lets whole 64 KiB segments with unfinished checksums through: 4–5 GB/s from the kernel and 10 GB/s to it,
// where frames of 1514 octets reach 1.8 and 0.8 (Node 20).

import type { Clock } from '../base/clock.ts'
import { EAGAIN, EIO } from '../base/errno.ts'
import {
  type Device,
  type DeviceFeatures,
  type FrameReceiver,
  NO_FEATURES,
  Offload,
  SEGMENT_UDP,
} from '../device/device.ts'
import { PollHandle, READABLE, WRITABLE } from './event-loop.ts'
import { GatherVector } from './gather-vector.ts'
import { IFNAMSIZ, interfaceRequest } from './interface-request.ts'
import { type Libc, libc, systemError } from './libc.ts'
import { sumMemory } from './sum-memory.ts'
import { readVnetHeader, VNET_HEADER_LENGTH, writeVnetHeader } from './vnet-header.ts'

const SIOCGIFFLAGS = 0x8913

/** The interface is up, and so is what carries it. */
const IFF_RUNNING = 0x0040

const ETHERNET_HEADER_LENGTH = 14
const LONGEST_PACKET = 65535

// How many frames one wake-up reads at most, and after how many octets the burst ends sooner: what a burst brought is
// acknowledged at its end, and a sender whose window has run out waits for that.
const BURST_FRAMES = 64
const BURST_OCTETS = 256 * 1024

/** Large segments and checksums are left to the other side, both ways. */
const OFFLOADS: DeviceFeatures = { checksum: true, largeSegment: LONGEST_PACKET }

/** What a device has counted. */
export class TunTapCounters {
  received = 0
  receivedOctets = 0
  sent = 0
  sentOctets = 0
  /** Of those sent: whose payload was taken from where it lay, and those that stood for several datagrams. */
  gathered = 0
  joined = 0
  /** Frames from the kernel whose vnet header made no sense. */
  badHeader = 0
  /** Frames lost because the interface was down, and those that the kernel refused for another reason. */
  interfaceDown = 0
  refused = 0
  /** How often the device was looked at in place of sleeping. */
  busyPolls = 0
  /** Frames not taken because the kernel had no room; the sender was told. */
  noRoom = 0
}

/** The user's end of a TAP or TUN interface. `openTap` and `openTun` make one. */
export class TunTap implements Device {
  readonly name: string
  readonly medium: 'ethernet' | 'ip'
  readonly mtu: number
  readonly hardwareAddress: Uint8Array | null
  readonly headroom: number = VNET_HEADER_LENGTH
  readonly features: DeviceFeatures
  readonly counters: TunTapCounters = new TunTapCounters()

  readonly #libc: Libc
  readonly #offload = new Offload()
  // The vnet header puts the IP header of a TAP frame at octet 24 and the packet of a TUN device at 10: the latter is moved
  // on by two, so that checksums run on whole words.
  readonly #buffer: Uint8Array
  readonly #readStart: number
  readonly #readInto: Uint8Array
  readonly #vector: GatherVector
  readonly #lost: ((error: Error) => void) | undefined
  /** A socket to ask about the interface by: in the network namespace that the device was opened in. */
  readonly #control: number
  #fd: number
  #poll: PollHandle | null = null
  #receiver: FrameReceiver | null = null
  #wantsWritable = false
  readonly #busyPoll: number
  #awake = false

  constructor(
    fd: number,
    control: number,
    name: string,
    medium: 'ethernet' | 'ip',
    mtu: number,
    hardwareAddress: Uint8Array | null,
    offloads: boolean,
    gather: boolean,
    largeDatagrams: boolean,
    busyPoll: number,
    lost: ((error: Error) => void) | undefined,
  ) {
    this.#libc = libc()
    this.#vector = new GatherVector(this.#libc)
    this.#fd = fd
    this.#control = control
    this.name = name
    this.medium = medium
    this.mtu = mtu
    this.#busyPoll = busyPoll
    this.hardwareAddress = hardwareAddress
    this.features = offloads ? { ...OFFLOADS, gather, largeDatagram: largeDatagrams ? LONGEST_PACKET : 0 } : NO_FEATURES
    this.#readStart = medium === 'ip' ? 2 : 0
    const length = this.#readStart + VNET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH + LONGEST_PACKET + 64
    // With offloads the kernel leaves no checksum to be verified.
    this.#buffer = (offloads ? null : sumMemory()) ?? new Uint8Array(length)
    this.#readInto = this.#buffer.subarray(this.#readStart, length)
    this.#lost = lost
  }

  attach(receiver: FrameReceiver, _clock: Clock): void {
    if (this.#receiver !== null) throw new Error(`device ${this.name} is attached already`)
    if (this.#fd < 0) throw new Error(`device ${this.name} is closed`)
    this.#receiver = receiver
    this.#poll = new PollHandle(this.#fd, (events) => this.#ready(events))
    this.#poll.start(READABLE)
  }

  transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const fd = this.#fd
    if (fd < 0) return true
    writeVnetHeader(bytes, start, offload)
    const length = end - start + VNET_HEADER_LENGTH
    const view = bytes.subarray(start - VNET_HEADER_LENGTH, end)
    if (this.#libc.write(fd, view, length) !== length) return this.#notSent()
    this.counters.sent++
    if (offload.segment === SEGMENT_UDP) this.counters.joined++
    this.counters.sentOctets += end - start
    return true
  }

  transmitGathered(bytes: Uint8Array, start: number, end: number, offload: Offload): boolean {
    const { payload } = offload
    if (payload === null) return this.transmit(bytes, start, end, offload)
    const fd = this.#fd
    if (fd < 0) return true
    writeVnetHeader(bytes, start, offload)
    const vector = this.#vector
    vector.fill(bytes, start - VNET_HEADER_LENGTH, end - payload.length, payload)
    const length = end - start + VNET_HEADER_LENGTH
    if (this.#libc.writev(fd, vector.bytes, vector.count) !== length) return this.#notSent()
    this.counters.sent++
    this.counters.gathered++
    this.counters.sentOctets += end - start
    return true
  }

  #notSent(): boolean {
    const errno = this.#libc.errno()
    if (errno === EAGAIN) {
      this.counters.noRoom++
      if (!this.#wantsWritable) {
        this.#wantsWritable = true
        this.#poll?.start(READABLE | WRITABLE)
      }
      return false
    }
    // The link is down or the kernel finds no sense in the frame: lost, as on any wire.
    if (errno === EIO) this.counters.interfaceDown++
    else this.counters.refused++
    return true
  }

  close(): void {
    if (this.#fd < 0) return
    this.#poll?.close()
    this.#libc.close(this.#fd)
    this.#libc.close(this.#control)
    this.#fd = -1
    this.#poll = null
    this.#receiver = null
  }

  /**
   * Whether the kernel's end is up and frames pass. A moment goes by from when an interface that was set up before is opened
   * until they do: the kernel notices a carrier in its own time.
   */
  get running(): boolean {
    if (this.#fd < 0) return false
    const request = interfaceRequest(this.name)
    if (this.#libc.ioctl(this.#control, SIOCGIFFLAGS, request) < 0) return false
    return (new DataView(request.buffer).getUint16(IFNAMSIZ, true) & IFF_RUNNING) !== 0
  }

  /** Lets the process end though the device is open. By default an attached device keeps it alive. */
  unref(): void {
    this.#poll?.unref()
  }

  ref(): void {
    this.#poll?.ref()
  }

  #ready(events: number): void {
    if (events < 0) {
      const error = systemError('read', -events, this.name, 'The interface is gone')
      this.close()
      this.#lost?.(error)
      return
    }
    if ((events & WRITABLE) !== 0 && this.#wantsWritable) {
      this.#wantsWritable = false
      this.#poll?.start(READABLE)
      this.#receiver?.writable()
    }
    if ((events & READABLE) !== 0) {
      this.#read()
      this.#stayAwake()
    }
  }

  /** Has the device looked at again in a moment, when those who were told of this burst have had their say. */
  #stayAwake(): void {
    if (this.#awake || this.#busyPoll === 0) return
    this.#awake = true
    setImmediate(this.#lookAgain)
  }

  readonly #lookAgain = (): void => {
    this.#awake = false
    const until = performance.now() + this.#busyPoll / 1000
    do {
      if (this.#fd < 0) return
      this.counters.busyPolls++
      if (this.#read()) {
        this.#stayAwake()
        return
      }
      // Whoever is to send the next frame may be waiting for this very processor.
      this.#libc.yield()
    } while (performance.now() < until)
  }

  #read(): boolean {
    const receiver = this.#receiver
    const buffer = this.#buffer
    const into = this.#readInto
    const offload = this.#offload
    const frame = this.#readStart + VNET_HEADER_LENGTH
    let octets = 0
    // Receiving may close the device: fd is read anew each time.
    for (let i = 0; i < BURST_FRAMES && octets < BURST_OCTETS && this.#fd >= 0; i++) {
      const count = this.#libc.read(this.#fd, into, into.length)
      if (count < VNET_HEADER_LENGTH) break
      const end = this.#readStart + count
      octets += end - frame
      if (readVnetHeader(buffer, frame, end, offload)) receiver?.receive(buffer, frame, end, offload)
      else this.counters.badHeader++
      this.counters.received++
    }
    this.counters.receivedOctets += octets
    if (octets > 0) receiver?.flush()
    return octets > 0
  }
}
