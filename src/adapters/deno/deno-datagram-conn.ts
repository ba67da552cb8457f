// Read first: Deno's documentation of Deno.DatagramConn; ip(7) and ipv6(7) on multicast.

import {
  AF_UNIX,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_LOOP,
} from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { type Addr, denoAddress, type NetAddr, netAddress, type UnixAddr, unixAddress } from './deno-address.ts'
import { denoError, errors, told } from './deno-errors.ts'
import { DenoResource } from './deno-resource.ts'

/** The longest datagram there is. */
const LONGEST = 65_536

export interface MulticastV6Membership {
  leave(): Promise<void>
  setLoopback(loopback: boolean): Promise<void>
}

export interface MulticastV4Membership extends MulticastV6Membership {
  setTTL(ttl: number): Promise<void>
}

/** A socket of datagrams as Deno has it. */
export class DenoDatagramConn<A extends Addr = Addr> extends DenoResource {
  readonly addr: A

  constructor(socket: Socket, addr: A) {
    super(socket)
    this.addr = addr
  }

  /** The next datagram, in `p` or in a buffer of its own, and who sent it. What does not fit is cut. */
  async receive(p: Uint8Array = new Uint8Array(LONGEST)): Promise<[Uint8Array, A]> {
    if (this.closed) throw new errors.BadResource('Socket has been closed')
    try {
      const { length, address } = await this.socket.recvfrom(p)
      const from = address ?? unixAddress('\0')
      return [p.subarray(0, length), denoAddress(from, this.addr.transport) as A]
    } catch (error) {
      throw this.closed ? new errors.Interrupted('operation canceled', { cause: error }) : denoError(error)
    }
  }

  /** How many octets went. */
  async send(p: Uint8Array, addr: Addr): Promise<number> {
    this.checkOpen()
    const { provider, family } = this.socket
    const peer =
      family === AF_UNIX
        ? unixAddress((addr as UnixAddr).path)
        : netAddress(provider, (addr as NetAddr).hostname ?? '127.0.0.1', (addr as NetAddr).port)
    try {
      return await this.socket.sendto(p, peer)
    } catch (error) {
      throw denoError(error)
    }
  }

  /** `multiInterface`: an address of the interface, '0.0.0.0' for the system's choice. */
  async joinMulticastV4(address: string, multiInterface: string): Promise<MulticastV4Membership> {
    const group = { group: address, address: multiInterface }
    this.#set(IPPROTO_IP, IP_ADD_MEMBERSHIP, group)
    return {
      leave: async () => this.#set(IPPROTO_IP, IP_DROP_MEMBERSHIP, group),
      setLoopback: async (loopback) => this.#set(IPPROTO_IP, IP_MULTICAST_LOOP, Boolean(loopback)),
      setTTL: async (ttl) => this.#set(IPPROTO_IP, IP_MULTICAST_TTL, ttl),
    }
  }

  /** `multiInterface`: the number of the interface, 0 for the system's choice. */
  async joinMulticastV6(address: string, multiInterface: number): Promise<MulticastV6Membership> {
    const group = { group: address, ifindex: multiInterface }
    this.#set(IPPROTO_IPV6, IPV6_JOIN_GROUP, group)
    return {
      leave: async () => this.#set(IPPROTO_IPV6, IPV6_LEAVE_GROUP, group),
      setLoopback: async (loopback) => this.#set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, Boolean(loopback)),
    }
  }

  /** The datagrams to come, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<[Uint8Array, A]> {
    while (true) {
      try {
        yield await this.receive()
      } catch (error) {
        if (error instanceof errors.BadResource || error instanceof errors.Interrupted) return
        throw error
      }
    }
  }

  #set(level: number, name: number, value: unknown): void {
    this.checkOpen()
    told(() => this.socket.setsockopt(level, name, value as never))
  }
}
