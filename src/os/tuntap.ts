// Read first: Documentation/networking/tuntap.rst of Linux, linux/if_tun.h.
//
// A TAP device carries Ethernet frames between the kernel's network and ours, a TUN device IP packets. Both come with a vnet
// header, which lets whole 64 KiB segments with unfinished checksums through: 4–5 GB/s from the kernel and 10 GB/s to it,
// where frames of 1514 octets reach 1.8 and 0.8 (Node 20).

import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { EACCES, EAGAIN, EBUSY, EINVAL, EIO, ENODEV, ENOENT, ENXIO, EPERM } from '../base/errno.ts'
import { type Device, type DeviceFeatures, type FrameReceiver, NO_FEATURES, Offload } from '../device/device.ts'
import { PollHandle, READABLE, WRITABLE } from './event-loop.ts'
import { type Libc, libc, O_CLOEXEC, O_NONBLOCK, O_RDWR, systemError } from './libc.ts'
import { readVnetHeader, VNET_HEADER_LENGTH, writeVnetHeader } from './vnet-header.ts'

const TUNSETIFF = 0x400454ca
const TUNSETOFFLOAD = 0x400454d0
const TUNSETVNETHDRSZ = 0x400454d8
const SIOCGIFFLAGS = 0x8913
const SIOCGIFMTU = 0x8921

/** The interface is up, and so is what carries it. */
const IFF_RUNNING = 0x0040

const IFF_TUN = 0x0001
const IFF_TAP = 0x0002
const IFF_NO_PI = 0x1000
const IFF_VNET_HDR = 0x4000

const TUN_F_CSUM = 0x01
const TUN_F_TSO4 = 0x02
const TUN_F_TSO6 = 0x04
const TUN_F_TSO_ECN = 0x08

const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x80000

const IFREQ_LENGTH = 40
const IFNAMSIZ = 16

const ETHERNET_HEADER_LENGTH = 14
const LONGEST_PACKET = 65535

// How many frames one wake-up reads at most, and after how many octets the burst ends sooner: what a burst brought is
// acknowledged at its end, and a sender whose window has run out waits for that.
const BURST_FRAMES = 64
const BURST_OCTETS = 256 * 1024

/**
 * After a burst the device is looked at for so many microseconds more before the process goes to sleep (Linux calls it busy
 * polling: SO_BUSY_POLL in socket(7)). Sleeping and being woken costs more than the whole stack where the other end runs on
 * another processor: a round trip of 64 octets took 53 µs without and 17 µs with it; on one processor it is 12 µs either way.
 */
const BUSY_POLL = 50
const BUSY_POLL_MAX = 1_000_000

/** Large segments and checksums are left to the other side, both ways. */
const OFFLOADS: DeviceFeatures = { checksum: true, largeSegment: LONGEST_PACKET }

export interface TunTapOptions {
  /** false: every frame as a wire would carry it, checksummed and no longer than the MTU. Default true, where the kernel can. */
  readonly offloads?: boolean
  /** The largest IP packet to send, in octets. Default: what the interface has when it is opened. */
  readonly mtu?: number
  /** For how many microseconds to look for the next frame after each burst, instead of sleeping at once. Default 50; 0: not. */
  readonly busyPoll?: number
  /** Our end's address on a TAP link, six octets. Default: a random one, locally administered. */
  readonly hardwareAddress?: Uint8Array
  /** Called once if the interface goes away under the device (it was deleted). */
  readonly lost?: (error: Error) => void
}

/** What a device has counted. */
export class TunTapCounters {
  received = 0
  receivedOctets = 0
  sent = 0
  sentOctets = 0
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
    busyPoll: number,
    lost: ((error: Error) => void) | undefined,
  ) {
    this.#libc = libc()
    this.#fd = fd
    this.#control = control
    this.name = name
    this.medium = medium
    this.mtu = mtu
    this.#busyPoll = busyPoll
    this.hardwareAddress = hardwareAddress
    this.features = offloads ? OFFLOADS : NO_FEATURES
    this.#readStart = medium === 'ip' ? 2 : 0
    this.#buffer = new Uint8Array(this.#readStart + VNET_HEADER_LENGTH + ETHERNET_HEADER_LENGTH + LONGEST_PACKET + 64)
    this.#readInto = this.#buffer.subarray(this.#readStart)
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
    if (this.#libc.write(fd, view, length) === length) {
      this.counters.sent++
      this.counters.sentOctets += end - start
      return true
    }
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

/**
 * Opens a TAP interface: an Ethernet link between this process and the kernel's network. `name` is of an interface to make (it
 * goes away when the device is closed) or of a persistent one that exists; giving the kernel's end an address and setting it
 * up is the administrator's work (`ip address add 10.0.0.1/24 dev tap0`, `ip link set tap0 up`).
 *
 * Throws a RangeError or TypeError for wrong arguments, and an Error with `code` where the kernel refuses: EPERM or EACCES
 * without the right, EBUSY while another process has it, ENOENT on a system without /dev/net/tun.
 *
 * ```ts
 * const stack = new Stack()
 * stack.attach(openTap('tap0'), { address: '10.0.0.2/24' })
 * ```
 */
export function openTap(name: string, options: TunTapOptions = {}): TunTap {
  const address = options.hardwareAddress ?? randomHardwareAddress()
  if (!(address instanceof Uint8Array) || address.length !== 6) {
    throw new TypeError(`hardwareAddress must be 6 octets, got ${String(address)}`)
  }
  if (((address[0] as number) & 1) !== 0) {
    throw new RangeError('hardwareAddress must not be a group address: its first octet must be even')
  }
  return openTunTap(name, IFF_TAP, Uint8Array.from(address), options)
}

/** Opens a TUN interface: as `openTap`, but a link of IP packets, without hardware addresses. */
export function openTun(name: string, options: TunTapOptions = {}): TunTap {
  return openTunTap(name, IFF_TUN, null, options)
}

function openTunTap(
  name: string,
  kind: typeof IFF_TAP | typeof IFF_TUN,
  hardwareAddress: Uint8Array | null,
  options: TunTapOptions,
): TunTap {
  checkName(name)
  const { mtu } = options
  if (mtu !== undefined && !(Number.isInteger(mtu) && mtu >= 68 && mtu <= LONGEST_PACKET)) {
    throw new RangeError(`mtu must be an integer from 68 to ${LONGEST_PACKET}, got ${String(mtu)}`)
  }
  const busyPoll = options.busyPoll ?? BUSY_POLL
  if (!(Number.isInteger(busyPoll) && busyPoll >= 0 && busyPoll <= BUSY_POLL_MAX)) {
    throw new RangeError(
      `busyPoll must be an integer from 0 to ${BUSY_POLL_MAX} (microseconds), got ${String(busyPoll)}`,
    )
  }
  const system = libc()
  const fd = system.open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)
  if (fd < 0) throw openError(system.errno())
  let control = -1
  try {
    const request = interfaceRequest(name)
    new DataView(request.buffer).setUint16(IFNAMSIZ, kind | IFF_NO_PI | IFF_VNET_HDR, true)
    if (system.ioctl(fd, TUNSETIFF, request) < 0) throw attachError(system.errno(), name, kind)
    const headerSize = new Uint8Array(new Int32Array([VNET_HEADER_LENGTH]).buffer)
    if (system.ioctl(fd, TUNSETVNETHDRSZ, headerSize) < 0) {
      throw systemError('ioctl', system.errno(), `TUNSETVNETHDRSZ on ${name}`)
    }
    const offloads = (options.offloads ?? true) && setOffloads(system, fd)
    if (!offloads) system.ioctlValue(fd, TUNSETOFFLOAD, 0)
    control = system.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    if (control < 0) throw systemError('socket', system.errno(), `to ask about ${name}`)
    const medium = kind === IFF_TAP ? 'ethernet' : 'ip'
    const size = mtu ?? readMtu(system, control, name)
    return new TunTap(fd, control, name, medium, size, hardwareAddress, offloads, busyPoll, options.lost)
  } catch (error) {
    if (control >= 0) system.close(control)
    system.close(fd)
    throw error
  }
}

// Large UDP segments (TUN_F_USO4) are not asked for: the stack takes datagrams one by one, and the kernel cuts them faster.
function setOffloads(system: Libc, fd: number): boolean {
  const wanted = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6
  return (
    system.ioctlValue(fd, TUNSETOFFLOAD, wanted | TUN_F_TSO_ECN) === 0 ||
    system.ioctlValue(fd, TUNSETOFFLOAD, wanted) === 0
  )
}

function readMtu(system: Libc, control: number, name: string): number {
  const request = interfaceRequest(name)
  if (system.ioctl(control, SIOCGIFMTU, request) < 0) {
    throw systemError('ioctl', system.errno(), `SIOCGIFMTU of ${name}`)
  }
  return new DataView(request.buffer).getInt32(IFNAMSIZ, true)
}

function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ_LENGTH)
  request.set(new TextEncoder().encode(name))
  return request
}

function checkName(name: string): void {
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${String(name)}`)
  // dev_valid_name of Linux: no slash, colon or space, not "." or ".."; "%" would make the kernel choose a number.
  if (!/^[!-$&-.0-9;-~]{1,15}$/.test(name) || name === '.' || name === '..') {
    throw new RangeError(
      `name must be an interface name of 1 to 15 visible characters without "/", ":" and "%", got ${JSON.stringify(name)}`,
    )
  }
}

function openError(errno: number): Error {
  const what = '/dev/net/tun'
  switch (errno) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return systemError(
        'open',
        errno,
        what,
        'The kernel has no TUN/TAP driver here (modprobe tun, or give it to the container)',
      )
    case EACCES:
    case EPERM:
      return systemError('open', errno, what, 'Run as root, or let your user read and write it')
    default:
      return systemError('open', errno, what)
  }
}

function attachError(errno: number, name: string, kind: typeof IFF_TAP | typeof IFF_TUN): Error {
  const mode = kind === IFF_TAP ? 'tap' : 'tun'
  switch (errno) {
    case EPERM:
    case EACCES:
      return systemError(
        'ioctl',
        errno,
        `attaching to ${name}`,
        `Run as root or with CAP_NET_ADMIN, or have root make it yours: ip tuntap add dev ${name} mode ${mode} user "$USER"`,
      )
    case EBUSY:
      return systemError('ioctl', errno, `attaching to ${name}`, 'Another process has it open')
    case EINVAL:
      return systemError(
        'ioctl',
        errno,
        `attaching to ${name}`,
        `It exists and is no ${mode} interface; take another name`,
      )
    default:
      return systemError('ioctl', errno, `attaching to ${name}`)
  }
}

function randomHardwareAddress(): Uint8Array {
  const address = Uint8Array.from(randomBytes(6))
  // IEEE 802: locally administered, an individual's.
  address[0] = ((address[0] as number) & 0xfc) | 0x02
  return address
}
