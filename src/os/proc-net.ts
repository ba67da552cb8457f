// Read first: proc(5) on /proc/net, net/ipv4/tcp_ipv4.c on its columns. What programs read before there was sock_diag(7): less, but
// without a netlink socket.

import { readFileSync } from 'node:fs'
import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../base/tcp-info.ts'
import type { InternetSocket } from './inet-diag.ts'
import type { UnixSocket } from './unix-diag.ts'

/** USER_HZ, in which times are told: a tick is 10 ms on every machine that Node runs on. */
const TICK = 10
/** __SO_ACCEPTCON in the flags of a Unix socket: it listens. */
const ACCEPTS = 0x10000
/** SS_CONNECTED */
const CONNECTED = 3

/** A file of /proc/net as the network namespace of this thread has it; null where there is none. */
export function readProcNet(name: string): string | null {
  // The calling thread's: it reads at once, not in a thread of a pool.
  for (const folder of ['/proc/thread-self/net', '/proc/net']) {
    try {
      return readFileSync(`${folder}/${name}`, 'utf8')
    } catch {
      // A kernel before 3.17, or a family that it lacks.
    }
  }
  return null
}

/** Lines of /proc/net/tcp, udp, raw, icmp and of those for IPv6. A line that is none is passed over. */
export function parseInternetTable(text: string): InternetSocket[] {
  const sockets: InternetSocket[] = []
  for (const line of text.split('\n')) {
    const socket = parseInternetLine(line)
    if (socket !== null) sockets.push(socket)
  }
  return sockets
}

const END = '([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})'
const INTERNET = new RegExp(
  `^ *\\d+: ${END} ${END} ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) ([0-9A-F]{2}):([0-9A-F]{8}) ([0-9A-F]{8}) +(\\d+) +\\d+ +(\\d+)`,
)

function parseInternetLine(line: string): InternetSocket | null {
  const found = INTERNET.exec(line)
  if (found === null) return null
  const [, local = '', localPort = '', peer = '', peerPort = '', state = '', sent = '', received = ''] = found
  const [timer = '', expires = '', retries = '', uid = '', inode = ''] = found.slice(8)
  if (local.length !== peer.length) return null
  const number = (hex: string) => Number.parseInt(hex, 16)
  return {
    family: local.length === 8 ? AF_INET : AF_INET6,
    state: number(state),
    timer: number(timer),
    expires: number(timer) === 0 ? 0 : number(expires) * TICK,
    retries: number(retries),
    local: parseAddress(local),
    localPort: number(localPort),
    peer: parseAddress(peer),
    peerPort: number(peerPort),
    receiveQueue: number(received),
    // Of a listener it is 0: its backlog is not told.
    sendQueue: number(sent),
    uid: Number(uid),
    inode: Number(inode),
    interfaceIndex: 0,
    cookie: null,
    info: null,
    congestion: null,
    memory: null,
    typeOfService: null,
    trafficClass: null,
    mark: null,
    v6only: null,
    shutdown: null,
  }
}

/** Words of 32 bits, each printed as the number that the machine takes it for. */
export function parseAddress(hex: string): IpAddress {
  const word = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 8), 16)
    return ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)
  }
  return hex.length === 8 ? IpAddress.v4(word(0)) : new IpAddress(word(0), word(8), word(16), word(24))
}

const UNIX = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d+)(?: (.*))?$/
const UNIX_TYPES: readonly number[] = [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET]

/** Lines of /proc/net/unix. It tells neither queues nor peers, and a path with a line feed in it can say what it likes. */
export function parseUnixTable(text: string): UnixSocket[] {
  const sockets: UnixSocket[] = []
  for (const line of text.split('\n')) {
    const found = UNIX.exec(line)
    if (found === null) continue
    const [, flags = '', type = '', state = '', inode = '', name = ''] = found
    const kind = Number.parseInt(type, 16)
    // One that waits to be accepted has no number yet; netlink does not tell of it.
    if (!UNIX_TYPES.includes(kind) || Number(inode) === 0) continue
    const listens = (Number.parseInt(flags, 16) & ACCEPTS) !== 0
    const connected = Number.parseInt(state, 16) === CONNECTED
    sockets.push({
      type: kind,
      state: listens ? TCP_LISTEN : connected ? TCP_ESTABLISHED : TCP_CLOSE,
      inode: Number(inode),
      name,
      peerInode: null,
      receiveQueue: 0,
      sendQueue: 0,
      uid: null,
      cookie: null,
      memory: null,
      shutdown: null,
      file: null,
    })
  }
  return sockets
}
