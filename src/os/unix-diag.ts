// Read first: sock_diag(7), linux/unix_diag.h.

import { AF_UNIX } from '../base/constants.ts'
import type { NetstatMemory } from '../base/netstat-entry.ts'
import { cookieText, decodeMemory } from './inet-diag.ts'
import { attribute8, attribute32, decodeAttributes, viewOf } from './netlink-message.ts'

const REQUEST_LENGTH = 24
const MESSAGE_LENGTH = 16

const UDIAG_SHOW_NAME = 0x01
const UDIAG_SHOW_VFS = 0x02
const UDIAG_SHOW_PEER = 0x04
const UDIAG_SHOW_RQLEN = 0x10
const UDIAG_SHOW_MEMINFO = 0x20
const UDIAG_SHOW_UID = 0x40

const UNIX_DIAG_NAME = 0
const UNIX_DIAG_VFS = 1
const UNIX_DIAG_PEER = 2
const UNIX_DIAG_RQLEN = 4
const UNIX_DIAG_MEMINFO = 5
const UNIX_DIAG_SHUTDOWN = 6
const UNIX_DIAG_UID = 7

/** A Unix socket as the kernel tells of it. */
export interface UnixSocket {
  /** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET. */
  readonly type: number
  /** TCP_ESTABLISHED, TCP_LISTEN, TCP_CLOSE. */
  readonly state: number
  readonly inode: number
  /** A path, "@name" for an abstract name, '' for none. */
  readonly name: string
  /** Null: none, or not known. */
  readonly peerInode: number | null
  readonly receiveQueue: number
  readonly sendQueue: number
  readonly uid: number | null
  readonly cookie: string | null
  readonly memory: NetstatMemory | null
  readonly shutdown: number | null
  readonly file: { readonly inode: number; readonly device: number } | null
}

export function encodeUnixRequest(): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(REQUEST_LENGTH)
  const view = new DataView(request.buffer)
  request[0] = AF_UNIX
  view.setUint32(4, 0xffffffff, true)
  const names = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER
  view.setUint32(12, names | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO | UDIAG_SHOW_UID, true)
  return request
}

/** Null for what is no struct unix_diag_msg. */
export function decodeUnixMessage(body: Uint8Array): UnixSocket | null {
  if (body.length < MESSAGE_LENGTH || body[0] !== AF_UNIX) return null
  const view = viewOf(body)
  const attributes = decodeAttributes(body, MESSAGE_LENGTH)
  const queues = pairOf(attributes.get(UNIX_DIAG_RQLEN))
  const file = pairOf(attributes.get(UNIX_DIAG_VFS))
  return {
    type: body[1] as number,
    state: body[2] as number,
    inode: view.getUint32(4, true),
    cookie: cookieText(view, 8),
    name: unixName(attributes.get(UNIX_DIAG_NAME)),
    peerInode: attribute32(attributes, UNIX_DIAG_PEER) || null,
    receiveQueue: queues?.[0] ?? 0,
    sendQueue: queues?.[1] ?? 0,
    uid: attribute32(attributes, UNIX_DIAG_UID),
    memory: decodeMemory(attributes.get(UNIX_DIAG_MEMINFO)),
    shutdown: attribute8(attributes, UNIX_DIAG_SHUTDOWN),
    file: file === null ? null : { inode: file[0], device: deviceNumber(file[1]) },
  }
}

// The kernel's own form, 12 and 20 bits, as stat(2) has it: linux/kdev_t.h.
function deviceNumber(device: number): number {
  const [major, minor] = [device >>> 20, device & 0xfffff]
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0
}

function pairOf(value: Uint8Array | undefined): [number, number] | null {
  if (value === undefined || value.length < 8) return null
  const view = viewOf(value)
  return [view.getUint32(0, true), view.getUint32(4, true)]
}

// A path ends with its NUL, an abstract name begins with one and may have more, which Linux prints so.
function unixName(value: Uint8Array | undefined): string {
  if (value === undefined || value.length === 0) return ''
  if (value[0] === 0) return new TextDecoder().decode(value).replaceAll('\0', '@')
  const end = value.indexOf(0)
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end))
}
