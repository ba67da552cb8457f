// Read first: Documentation/networking/tuntap.rst of Linux, linux/if_tun.h.

import { randomBytes } from 'node:crypto'
import { checkBoolean, checkOptions, given } from '../base/argument.ts'
import { IFNAMSIZ, interfaceRequest } from './interface-request.ts'
import { type Libc, libc, O_CLOEXEC, O_NONBLOCK, O_RDWR, systemError } from './libc.ts'
import { TunTap } from './tuntap.ts'
import { attachError, openError } from './tuntap-error.ts'
import { VNET_HEADER_LENGTH } from './vnet-header.ts'

const TUNSETIFF = 0x400454ca
const TUNSETOFFLOAD = 0x400454d0
const TUNSETVNETHDRSZ = 0x400454d8
const SIOCGIFMTU = 0x8921

// IFF_NAPI was tried and dropped. A write still gives one frame, so that the kernel has nothing to join: without offloads application →
// kernel stayed as it was (1.04) for a fifth more of the processor. With the interface's `threaded` set it joins what waits (1.28), but a
// round trip of 64 octets took 3.7 times as long, and datagrams 1.4 times (two processors, both busy).
const IFF_TUN = 0x0001
const IFF_TAP = 0x0002
const IFF_NO_PI = 0x1000
const IFF_VNET_HDR = 0x4000

const TUN_F_CSUM = 0x01
const TUN_F_TSO4 = 0x02
const TUN_F_TSO6 = 0x04
const TUN_F_TSO_ECN = 0x08
const TUN_F_USO4 = 0x20
const TUN_F_USO6 = 0x40

const AF_INET = 2
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x80000

const LONGEST_PACKET = 65535

/**
 * After a burst the device is looked at for so many microseconds more before the process goes to sleep (Linux calls it busy
 * polling: SO_BUSY_POLL in socket(7)). Sleeping and being woken costs more than the whole stack where the other end runs on
 * another processor: a round trip of 64 octets took 53 µs without and 17 µs with it; on one processor it is 12 µs either way.
 */
const BUSY_POLL = 50
const BUSY_POLL_MAX = 1_000_000

export interface TunTapOptions {
  /** false: every frame as a wire would carry it, checksummed and no longer than the MTU. Default true, where the kernel can. */
  readonly offloads?: boolean
  /**
   * false: the payload of large segments is copied behind their headers, as that of small ones, and not taken from the send buffer by
   * writev(2). What is sent is the same. Default true; without `offloads` nothing is gathered.
   */
  readonly gather?: boolean
  /**
   * false: each datagram is a frame of its own, and not one of several in a row of the same length to the same port, which the kernel
   * cuts. What is heard is the same. Default true, where the kernel can (Linux 6.2); without `offloads` none are joined.
   */
  readonly largeDatagrams?: boolean
  /** The largest IP packet to send, in octets. Default: what the interface has when it is opened. */
  readonly mtu?: number
  /** For how many microseconds to look for the next frame after each burst, instead of sleeping at once. Default 50; 0: not. */
  readonly busyPoll?: number
  /** Our end's address on a TAP link, six octets. Default: a random one, locally administered. */
  readonly hardwareAddress?: Uint8Array
  /** Called once if the interface goes away under the device (it was deleted). */
  readonly lost?: (error: Error) => void
}

const KEYS = [
  'offloads',
  'gather',
  'largeDatagrams',
  'mtu',
  'busyPoll',
  'hardwareAddress',
  'lost',
] as const satisfies (keyof TunTapOptions)[]

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
  checkOptions('options', options, KEYS)
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
  checkOptions('options', options, KEYS)
  checkBoolean('offloads', options.offloads)
  checkBoolean('gather', options.gather)
  checkBoolean('largeDatagrams', options.largeDatagrams)
  if (options.lost !== undefined && typeof options.lost !== 'function') {
    throw new TypeError(`lost must be a function, got ${given(options.lost)}`)
  }
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
    if (system.ioctl(fd, TUNSETIFF, request) < 0)
      throw attachError(system.errno(), name, kind === IFF_TAP ? 'tap' : 'tun')
    const headerSize = new Uint8Array(new Int32Array([VNET_HEADER_LENGTH]).buffer)
    if (system.ioctl(fd, TUNSETVNETHDRSZ, headerSize) < 0) {
      throw systemError('ioctl', system.errno(), `TUNSETVNETHDRSZ on ${name}`)
    }
    const large = (options.offloads ?? true) && (options.largeDatagrams ?? true) && cutsDatagrams(system, fd)
    const offloads = (options.offloads ?? true) && setOffloads(system, fd)
    if (!offloads) system.ioctlValue(fd, TUNSETOFFLOAD, 0)
    control = system.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    if (control < 0) throw systemError('socket', system.errno(), `to ask about ${name}`)
    const medium = kind === IFF_TAP ? 'ethernet' : 'ip'
    const size = mtu ?? readMtu(system, control, name)
    const gather = options.gather ?? true
    const { lost } = options
    return new TunTap(fd, control, name, medium, size, hardwareAddress, offloads, gather, large, busyPoll, lost)
  } catch (error) {
    if (control >= 0) system.close(control)
    system.close(fd)
    throw error
  }
}

// A kernel that can give large UDP packets takes them, too: both came with Linux 6.2, and only the one can be asked for.
function cutsDatagrams(system: Libc, fd: number): boolean {
  return system.ioctlValue(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6) === 0
}

// Large UDP packets (TUN_F_USO4) are not asked for: the stack takes datagrams one by one, and the kernel cuts them faster.
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

function checkName(name: string): void {
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${String(name)}`)
  // dev_valid_name of Linux: no slash, colon or space, not "." or ".."; "%" would make the kernel choose a number.
  if (!/^[!-$&-.0-9;-~]{1,15}$/.test(name) || name === '.' || name === '..') {
    throw new RangeError(
      `name must be an interface name of 1 to 15 visible characters without "/", ":" and "%", got ${JSON.stringify(name)}`,
    )
  }
}

function randomHardwareAddress(): Uint8Array {
  const address = Uint8Array.from(randomBytes(6))
  // IEEE 802: locally administered, an individual's.
  address[0] = ((address[0] as number) & 0xfc) | 0x02
  return address
}
