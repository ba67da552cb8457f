// Read first: sock_diag(7), netstat(8), ss(8).

import { checkBoolean, checkOptions, given } from '../base/argument.ts'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../base/constants.ts'
import { NETLINK_SOCK_DIAG } from '../base/constants-link.ts'
import type { IpAddress } from '../base/ip-address.ts'
import {
  inNetstatOrder,
  type NetstatEntry,
  type NetstatHolder,
  type NetstatProtocol,
  type NetstatTimer,
  type NetstatTimerKind,
} from '../base/netstat-entry.ts'
import { stateName, TCP_CLOSE, TCP_FIN_WAIT2, TCP_LISTEN } from '../base/tcp-info.ts'
import {
  decodeInetMessage,
  encodeInetRequest,
  type InternetSocket,
  SOCK_DIAG_BY_FAMILY,
  TIMER_KEEPALIVE,
  TIMER_PROBE,
  TIMER_RETRANSMIT,
  TIMER_TIME_WAIT,
} from './inet-diag.ts'
import { interfaceText } from './interface-text.ts'
import { type NetlinkDump, openNetlink } from './netlink-dump.ts'
import { parseInternetTable, parseUnixTable, readProcNet } from './proc-net.ts'
import { socketHolders } from './socket-holders.ts'
import { decodeUnixMessage, encodeUnixRequest, type UnixSocket } from './unix-diag.ts'

/** What can be listed. ICMP sockets are those of icmp(7). */
const KINDS = ['tcp', 'udp', 'raw', 'icmp', 'unix'] as const

export type OsSocketKind = (typeof KINDS)[number]

export interface OsNetstatOptions {
  /** Which sockets. Default: all. */
  readonly kinds?: readonly OsSocketKind[] | undefined
  /** Also TCP_INFO of every connection, and what memory each socket takes. */
  readonly details?: boolean | undefined
  /** Also who has them open: of every process whose descriptors this user may see. */
  readonly processes?: boolean | undefined
  /** 'proc': what /proc/net tells, as where sock_diag(7) cannot be asked. Default 'netlink', and 'proc' for what it cannot tell. */
  readonly source?: 'netlink' | 'proc' | undefined
}

const OPTIONS = ['kinds', 'details', 'processes', 'source'] as const satisfies (keyof OsNetstatOptions)[]

/** No ICMP: the kernel has no way to ask for those but their file. */
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP, raw: IPPROTO_RAW }

/**
 * Every socket of this network namespace of the operating system, in the order and shape of `netstat(stack)`, whatever program has it.
 * It needs Linux, and no privilege: other users' processes are seen by an administrator alone. Where koffi or sock_diag(7) is missing it
 * tells what /proc/net does, which is no peers and queues of Unix sockets, no backlogs, and nothing for `details`.
 *
 * Throws an Error on another system.
 *
 * ```ts
 * const listeners = (await osNetstat({ kinds: ['tcp'], processes: true })).filter(({ state }) => state === 'LISTEN')
 * ```
 */
export async function osNetstat(options: OsNetstatOptions = {}): Promise<NetstatEntry[]> {
  checkNetstatOptions(options)
  const { kinds = KINDS, details = false, processes = false, source = 'netlink' } = options
  if (process.platform !== 'linux') {
    throw new Error(`the sockets of the operating system can be listed on Linux alone; this is ${process.platform}`)
  }
  const reader = new Reader(source === 'proc' ? null : openNetlink(NETLINK_SOCK_DIAG), details)
  const found: Found[] = []
  let unix: UnixSocket[] = []
  try {
    for (const kind of kinds) {
      if (kind === 'unix') {
        unix = await reader.unix()
        continue
      }
      for (const family of [AF_INET, AF_INET6]) {
        for (const socket of await reader.internet(kind, family)) found.push({ socket, kind })
      }
    }
  } finally {
    await reader.close()
  }
  const holders = processes ? await socketHolders() : NOBODY
  return [...found.map((one) => internetEntry(one, holders, details)), ...unixEntries(unix, holders)].sort(
    inNetstatOrder,
  )
}

/** Asks by netlink, and reads the kernel's files for what that cannot tell. */
class Reader {
  readonly #netlink: NetlinkDump | null
  readonly #details: boolean

  constructor(netlink: NetlinkDump | null, details: boolean) {
    this.#netlink = netlink
    this.#details = details
  }

  async internet(kind: OsSocketKind, family: number): Promise<InternetSocket[]> {
    const protocol = PROTOCOLS[kind]
    if (protocol !== undefined) {
      const found = await this.#ask(encodeInetRequest(family, protocol, this.#details), decodeInetMessage)
      if (found !== null) return found
    }
    return parseInternetTable(readProcNet(family === AF_INET6 ? `${kind}6` : kind) ?? '')
  }

  async unix(): Promise<UnixSocket[]> {
    return (await this.#ask(encodeUnixRequest(), decodeUnixMessage)) ?? parseUnixTable(readProcNet('unix') ?? '')
  }

  /** Null where the kernel cannot tell: it was built without this part of sock_diag(7), or a sandbox forbids it. */
  async #ask<T>(request: Uint8Array, decode: (body: Uint8Array) => T | null): Promise<T[] | null> {
    if (this.#netlink === null) return null
    const bodies = await this.#netlink.ask(SOCK_DIAG_BY_FAMILY, request)
    return typeof bodies === 'number' ? null : bodies.map(decode).filter((one) => one !== null)
  }

  async close(): Promise<void> {
    await this.#netlink?.close()
  }
}

interface Found {
  readonly socket: InternetSocket
  readonly kind: OsSocketKind
}

type Holders = ReadonlyMap<number, readonly NetstatHolder[]>

const NOBODY: Holders = new Map()

function internetEntry({ socket, kind }: Found, holders: Holders, details: boolean): NetstatEntry {
  const six = socket.family === AF_INET6
  const { info, congestion, interfaceIndex } = socket
  const connection = details && kind === 'tcp' && socket.state !== TCP_LISTEN && info !== null
  const held = heldBy(holders, socket.inode)
  return {
    protocol: (six ? `${kind}6` : kind) as NetstatProtocol,
    localAddress: addressText(socket.local, six),
    localPort: socket.localPort,
    peerAddress: addressText(socket.peer, six),
    peerPort: kind === 'raw' || kind === 'icmp' ? 0 : socket.peerPort,
    // The state of what has none is TCP_CLOSE.
    state: socket.state === TCP_CLOSE && kind !== 'tcp' ? '' : stateName(socket.state),
    receiveQueue: socket.receiveQueue,
    sendQueue: socket.sendQueue,
    fd: held[0]?.fd ?? null,
    pid: held[0]?.pid ?? null,
    timers: timersOf(socket),
    interface: interfaceIndex === 0 ? null : interfaceText(interfaceIndex),
    details: connection ? { ...info, congestion: congestion ?? '' } : null,
    system: {
      inode: socket.inode,
      peerInode: null,
      uid: socket.uid,
      cookie: socket.cookie,
      holders: held,
      memory: socket.memory,
      typeOfService: socket.typeOfService,
      trafficClass: socket.trafficClass,
      mark: socket.mark,
      v6only: socket.v6only,
      shutdown: socket.shutdown,
      file: null,
    },
  }
}

function timersOf({ timer, expires, retries, state, inode }: InternetSocket): NetstatTimer[] {
  const kind = timerKinds.get(timer)
  if (kind === undefined) return []
  // What nobody holds any more keeps nothing alive: the same timer ends it.
  const last = state === TCP_FIN_WAIT2 && (timer === TIMER_TIME_WAIT || (timer === TIMER_KEEPALIVE && inode === 0))
  return [{ kind: last ? 'fin-wait-2' : kind, left: expires, retries }]
}

const timerKinds: ReadonlyMap<number, NetstatTimerKind> = new Map([
  [TIMER_RETRANSMIT, 'retransmit'],
  [TIMER_KEEPALIVE, 'keepalive'],
  [TIMER_TIME_WAIT, 'time-wait'],
  [TIMER_PROBE, 'persist'],
])

function addressText(address: IpAddress, six: boolean): string {
  return six && address.isUnspecified ? '::' : address.toString()
}

function unixEntries(sockets: readonly UnixSocket[], holders: Holders): NetstatEntry[] {
  const names = new Map(sockets.map(({ inode, name }) => [inode, name]))
  return sockets.map((socket) => {
    const held = heldBy(holders, socket.inode)
    return {
      protocol: unixProtocols[socket.type] ?? 'unix-stream',
      localAddress: socket.name,
      localPort: 0,
      peerAddress: socket.peerInode === null ? '' : (names.get(socket.peerInode) ?? ''),
      peerPort: 0,
      state: socket.state === TCP_CLOSE ? '' : stateName(socket.state),
      receiveQueue: socket.receiveQueue,
      sendQueue: socket.sendQueue,
      fd: held[0]?.fd ?? null,
      pid: held[0]?.pid ?? null,
      timers: [],
      interface: null,
      details: null,
      system: {
        inode: socket.inode,
        peerInode: socket.peerInode,
        uid: socket.uid,
        cookie: socket.cookie,
        holders: held,
        memory: socket.memory,
        typeOfService: null,
        trafficClass: null,
        mark: null,
        v6only: null,
        shutdown: socket.shutdown,
        file: socket.file,
      },
    }
  })
}

const unixProtocols: Readonly<Record<number, NetstatProtocol>> = {
  [SOCK_STREAM]: 'unix-stream',
  [SOCK_DGRAM]: 'unix-dgram',
  [SOCK_SEQPACKET]: 'unix-seqpacket',
}

function heldBy(holders: Holders, inode: number): readonly NetstatHolder[] {
  return inode === 0 ? [] : (holders.get(inode) ?? [])
}

function checkNetstatOptions(options: OsNetstatOptions): void {
  checkOptions('options', options, OPTIONS)
  const { kinds, source } = options
  checkBoolean('options.details', options.details)
  checkBoolean('options.processes', options.processes)
  if (source !== undefined && source !== 'netlink' && source !== 'proc') {
    throw new RangeError(`options.source must be 'netlink' or 'proc', got ${given(source)}`)
  }
  if (kinds === undefined) return
  if (!Array.isArray(kinds)) throw new TypeError(`options.kinds must be an array, got ${given(kinds)}`)
  for (const kind of kinds) {
    if (!KINDS.includes(kind)) {
      throw new RangeError(`options.kinds must be of ${KINDS.map((one) => `'${one}'`).join(', ')}, got ${given(kind)}`)
    }
  }
}
