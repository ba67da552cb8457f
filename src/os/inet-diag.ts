// Read first: sock_diag(7), linux/inet_diag.h.

import { read16, read32 } from '../base/bytes.ts'
import { AF_INET, AF_INET6 } from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import type { NetstatMemory } from '../base/netstat-entry.ts'
import { decodeTcpInfo, type TcpInfo } from '../base/tcp-info.ts'
import { attribute8, attribute32, attributeText, decodeAttributes, viewOf } from './netlink-message.ts'

/** What asks for sockets of any family. */
export const SOCK_DIAG_BY_FAMILY = 20

const REQUEST_LENGTH = 56
const MESSAGE_LENGTH = 72
/** Bits of idiag_states: every state that has a number. */
const ALL_STATES = 0xfff

const INET_DIAG_INFO = 2
const INET_DIAG_CONG = 4
const INET_DIAG_TOS = 5
const INET_DIAG_TCLASS = 6
const INET_DIAG_SKMEMINFO = 7
const INET_DIAG_SHUTDOWN = 8
const INET_DIAG_SKV6ONLY = 11
const INET_DIAG_MARK = 15

// idiag_timer
export const TIMER_RETRANSMIT = 1
export const TIMER_KEEPALIVE = 2
export const TIMER_TIME_WAIT = 3
export const TIMER_PROBE = 4

/** One socket of an Internet family as the kernel tells of it: all that both of its ways of telling have. */
export interface InternetSocket {
  readonly family: typeof AF_INET | typeof AF_INET6
  /** TCP_ESTABLISHED …, of sockets of other protocols too. */
  readonly state: number
  readonly timer: number
  /** Milliseconds until the timer expires. */
  readonly expires: number
  /** How often it has expired. */
  readonly retries: number
  readonly local: IpAddress
  readonly localPort: number
  readonly peer: IpAddress
  readonly peerPort: number
  readonly receiveQueue: number
  readonly sendQueue: number
  readonly uid: number
  readonly inode: number
  /** The interface that it is bound to; 0: none, or not known. */
  readonly interfaceIndex: number
  readonly cookie: string | null
  readonly info: TcpInfo | null
  readonly congestion: string | null
  readonly memory: NetstatMemory | null
  readonly typeOfService: number | null
  readonly trafficClass: number | null
  readonly mark: number | null
  readonly v6only: boolean | null
  readonly shutdown: number | null
}

/** Asks for all sockets of a family and protocol; `details`: with all that the kernel can tell. */
export function encodeInetRequest(family: number, protocol: number, details: boolean): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(REQUEST_LENGTH)
  request[0] = family
  request[1] = protocol
  // A bit for each attribute up to the eighth; later ones come unasked.
  const asked = [INET_DIAG_INFO, INET_DIAG_CONG, INET_DIAG_TOS, INET_DIAG_TCLASS, INET_DIAG_SKMEMINFO]
  if (details)
    for (const type of [...asked, INET_DIAG_SHUTDOWN]) request[2] = (request[2] as number) | (1 << (type - 1))
  new DataView(request.buffer).setUint32(4, ALL_STATES, true)
  return request
}

/** Null for what is no struct inet_diag_msg of an Internet family. */
export function decodeInetMessage(body: Uint8Array): InternetSocket | null {
  const [family] = body
  if (body.length < MESSAGE_LENGTH || (family !== AF_INET && family !== AF_INET6)) return null
  const view = viewOf(body)
  const attributes = decodeAttributes(body, MESSAGE_LENGTH)
  const info = attributes.get(INET_DIAG_INFO)
  const v6only = attribute8(attributes, INET_DIAG_SKV6ONLY)
  return {
    family,
    state: body[1] as number,
    timer: body[2] as number,
    retries: body[3] as number,
    localPort: read16(body, 4),
    peerPort: read16(body, 6),
    local: addressAt(body, 8, family),
    peer: addressAt(body, 24, family),
    interfaceIndex: view.getUint32(40, true),
    cookie: cookieText(view, 44),
    expires: view.getUint32(52, true),
    receiveQueue: view.getUint32(56, true),
    sendQueue: view.getUint32(60, true),
    uid: view.getUint32(64, true),
    inode: view.getUint32(68, true),
    info: info === undefined || info.length === 0 ? null : decodeTcpInfo(info),
    congestion: attributeText(attributes, INET_DIAG_CONG),
    memory: decodeMemory(attributes.get(INET_DIAG_SKMEMINFO)),
    typeOfService: attribute8(attributes, INET_DIAG_TOS),
    trafficClass: attribute8(attributes, INET_DIAG_TCLASS),
    mark: attribute32(attributes, INET_DIAG_MARK),
    v6only: v6only === null ? null : v6only !== 0,
    shutdown: attribute8(attributes, INET_DIAG_SHUTDOWN),
  }
}

function addressAt(bytes: Uint8Array, at: number, family: number): IpAddress {
  if (family === AF_INET) return IpAddress.v4(read32(bytes, at))
  return new IpAddress(read32(bytes, at), read32(bytes, at + 4), read32(bytes, at + 8), read32(bytes, at + 12))
}

/** The 64 bits of a cookie, as ss(8) prints them. */
export function cookieText(view: DataView, at: number): string {
  return view.getBigUint64(at, true).toString(16)
}

/** SK_MEMINFO_…: nine numbers, of which older kernels lack the last. */
export function decodeMemory(value: Uint8Array | undefined): NetstatMemory | null {
  if (value === undefined || value.length < 32) return null
  const view = viewOf(value)
  const number = (i: number) => (4 * i + 4 <= value.length ? view.getUint32(4 * i, true) : 0)
  return {
    received: number(0),
    receiveBuffer: number(1),
    sent: number(2),
    sendBuffer: number(3),
    forward: number(4),
    queued: number(5),
    option: number(6),
    backlog: number(7),
    drops: number(8),
  }
}
