// Read first: ip(7) on IP_RECVERR, recv(2) on MSG_ERRQUEUE.

import { copyBytes } from '../../base/byte-ring.ts'
import {
  AF_INET6,
  AF_UNSPEC,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  SOL_SOCKET,
} from '../../base/constants.ts'
import {
  SCM_TIMESTAMPING,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_EE_ORIGIN_ZEROCOPY,
} from '../../base/constants-control.ts'
import { EAGAIN, ENOMSG } from '../../base/errno.ts'
import { type ExtendedError, encodeExtendedError } from '../../base/extended-error.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { ControlMessage, Message } from '../../socket/provider.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { fillAddress, type StackEndpoint } from './endpoint.ts'
import { packetControl, timestamping } from './receive-control.ts'

/** What an error takes of the receive buffer beside the octets it quotes: as a datagram. */
const ERROR_COST = 256

interface QueuedError {
  readonly error: ExtendedError
  /** Where the packet that the error is about was going; null: nobody asks of a stream. */
  readonly destination: IpAddress | null
  readonly port: number
  readonly scope: number
  /** What was quoted of its data. */
  readonly payload: Uint8Array
  /** What the ICMP message tells beside: as of a datagram. */
  readonly control: ControlMessage[]
}

/** Errors about packets of one socket, which it reads with MSG_ERRQUEUE. */
export class ErrorQueue {
  #queue: QueuedError[] = []
  /** What they take of the receive buffer. */
  cost = 0

  get empty(): boolean {
    return this.#queue.length === 0
  }

  /**
   * Notes the ICMP error `report`, the quoted data of which begins at `start`, about a packet to `port`. Dropped where it does not
   * fit into `room`.
   */
  report(endpoint: StackEndpoint, report: IcmpReport, port: number, start: number, room: number): void {
    const payload = report.bytes.slice(Math.min(start, report.end), report.end)
    const { family, stack } = endpoint
    const { packet } = stack
    // The ICMP message itself is still the packet that the stack looks at, unless this host reports to itself.
    const came = !report.local && packet.version === report.version && packet.source.equals(report.reporter)
    const scope = came ? (packet.interface?.index ?? 0) : 0
    const offender = new SocketAddress()
    fillAddress(offender, family, report.reporter, 0, scope)
    this.#push(
      {
        error: {
          errno: report.errno,
          origin: report.version === 4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6,
          type: report.type,
          code: report.code,
          info: report.mtu,
          data: 0,
          offender,
        },
        destination: report.destination.copy(),
        port,
        scope: scope === 0 ? (endpoint.boundTo?.index ?? 0) : scope,
        payload,
        control: came ? packetControl(endpoint, packet) : [],
      },
      room,
    )
  }

  /** Notes that this host could not send what was going to `destination`: `info` says why. */
  local(errno: number, destination: IpAddress, port: number, info: number, room: number): void {
    const error = { errno, origin: SO_EE_ORIGIN_LOCAL, type: 0, code: 0, info, data: 0, offender: null }
    this.#push(
      { error, destination: destination.copy(), port, scope: 0, payload: new Uint8Array(0), control: [] },
      room,
    )
  }

  /** Notes the time stamp of a stream's octet number `id`: SCM_TSTAMP_…, in milliseconds since 1970. */
  stamp(kind: number, id: number, at: number, payload: Uint8Array, room: number): void {
    const origin = SO_EE_ORIGIN_TIMESTAMPING
    const error = { errno: ENOMSG, origin, type: 0, code: 0, info: kind, data: id, offender: null }
    const control = [{ level: SOL_SOCKET, type: SCM_TIMESTAMPING, data: timestamping(at) }]
    this.#push({ error, destination: null, port: 0, scope: 0, payload, control }, room)
  }

  /** The buffers of the calls `first` to `last` with MSG_ZEROCOPY are free again. What follows on the newest entry joins it. */
  loan(first: number, last: number, room: number): void {
    const newest = this.#queue.at(-1)
    const joins = newest !== undefined && newest.error.origin === SO_EE_ORIGIN_ZEROCOPY
    const follows = joins && ((newest.error.data + 1) | 0) === first
    const info = follows ? newest.error.info : first
    const code = SO_EE_CODE_ZEROCOPY_COPIED
    const error = { errno: 0, origin: SO_EE_ORIGIN_ZEROCOPY, type: 0, code, info, data: last, offender: null }
    const entry = { error, destination: null, port: 0, scope: 0, payload: new Uint8Array(0), control: [] }
    if (follows) this.#queue[this.#queue.length - 1] = entry
    else this.#push(entry, room)
  }

  #push(entry: QueuedError, room: number): void {
    const cost = entry.payload.length + ERROR_COST
    if (this.cost + cost > room) return
    this.cost += cost
    this.#queue.push(entry)
  }

  /** Reads the oldest error into `message` and forgets it: octets of the quoted data, or -EAGAIN where there is none. */
  read(endpoint: StackEndpoint, message: Message): number {
    const entry = this.#queue.shift()
    if (entry === undefined) return -EAGAIN
    const { error, payload } = entry
    this.cost -= payload.length + ERROR_COST
    let taken = 0
    for (const buffer of message.buffers) {
      const part = Math.min(buffer.length, payload.length - taken)
      copyBytes(payload, taken, taken + part, buffer, 0)
      taken += part
    }
    message.flags = MSG_ERRQUEUE | (taken < payload.length ? MSG_TRUNC : 0)
    const { family } = endpoint
    if (message.name !== null) {
      if (entry.destination === null) message.name.family = AF_UNSPEC
      else fillAddress(message.name, family, entry.destination, entry.port, entry.scope)
    }
    const v6 = family === AF_INET6
    message.control = [
      ...entry.control,
      {
        level: v6 ? IPPROTO_IPV6 : IPPROTO_IP,
        type: v6 ? IPV6_RECVERR : IP_RECVERR,
        data: encodeExtendedError(error, family),
      },
    ]
    // sock_dequeue_err_skb: SO_ERROR goes with what came by ICMP.
    const next = this.#queue[0]?.error ?? null
    if (next !== null && byIcmp(next)) endpoint.setError(next.errno)
    else if (byIcmp(error)) endpoint.setError(0)
    return taken
  }

  clear(): void {
    this.#queue = []
    this.cost = 0
  }
}

function byIcmp({ origin }: ExtendedError): boolean {
  return origin === SO_EE_ORIGIN_ICMP || origin === SO_EE_ORIGIN_ICMP6
}
