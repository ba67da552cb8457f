// Read first: Documentation/networking/tuntap.rst of Linux, poll(2).
//
// A TUN interface for who plays the other end of the link himself, packet by packet and without an event loop: no offloads, so that
// every packet is what a wire would carry.

import { IFNAMSIZ, interfaceRequest } from './interface-request.ts'
import { type Libc, libc, O_CLOEXEC, O_NONBLOCK, O_RDWR, systemError } from './libc.ts'
import { attachError, openError } from './tuntap-error.ts'

const TUNSETIFF = 0x400454ca
const IFF_TUN = 0x0001
const IFF_NO_PI = 0x1000
const POLLIN = 1
const LONGEST_PACKET = 65535

export class PlainTun {
  readonly #system: Libc
  readonly #poll: (entries: Uint8Array, count: number, timeout: number) => number
  readonly #buffer = new Uint8Array(LONGEST_PACKET)
  readonly #entry: Uint8Array
  #fd: number

  constructor(name: string) {
    const system = libc()
    const fd = system.open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)
    if (fd < 0) throw openError(system.errno())
    const request = interfaceRequest(name)
    new DataView(request.buffer).setUint16(IFNAMSIZ, IFF_TUN | IFF_NO_PI, true)
    if (system.ioctl(fd, TUNSETIFF, request) < 0) {
      const error = attachError(system.errno(), name, 'tun')
      system.close(fd)
      throw error
    }
    this.#system = system
    this.#fd = fd
    this.#poll = system.library.func('poll', 'int', ['void *', 'ulong', 'int'])
    const entry = new DataView(new ArrayBuffer(8))
    entry.setInt32(0, fd, true)
    entry.setInt16(4, POLLIN, true)
    this.#entry = new Uint8Array(entry.buffer)
  }

  /** Blocks this thread until a packet is there, or `timeout` milliseconds are over. */
  wait(timeout: number): boolean {
    return this.#poll(this.#entry, 1, timeout) > 0
  }

  /** The next packet that the kernel has sent, or null where none is there. */
  read(): Uint8Array | null {
    const length = this.#system.read(this.#fd, this.#buffer, this.#buffer.length)
    return length > 0 ? this.#buffer.slice(0, length) : null
  }

  /** Gives the kernel a packet. Throws where it does not take it. */
  write(packet: Uint8Array): void {
    if (this.#system.write(this.#fd, packet, packet.length) < 0) {
      throw systemError('write', this.#system.errno(), 'a packet to the TUN interface')
    }
  }

  close(): void {
    if (this.#fd < 0) return
    this.#system.close(this.#fd)
    this.#fd = -1
  }
}
