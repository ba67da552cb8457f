// Read first: tcp(7) TCP_INFO and TCP_CC_INFO, linux/inet_diag.h, linux/sock_diag.h: what code blocks ask of the socket under test.

import { IPPROTO_TCP, SO_MEMINFO, SOL_SOCKET, TCP_INFO } from '../base/constants.ts'
import { decodeTcpInfo, TCP_INFO_LENGTH } from '../base/tcp-info.ts'
import type { Endpoint } from '../socket/provider.ts'
import { CodeError } from './code-lexer.ts'
import { symbolValue } from './symbols.ts'

const TCP_CC_INFO = symbolValue('TCP_CC_INFO') as number // In the table of symbols.
/** Longer than any of the structs. */
const ROOM = 64

const MEMORY_FIELDS = [
  'SK_MEMINFO_RMEM_ALLOC',
  'SK_MEMINFO_RCVBUF',
  'SK_MEMINFO_WMEM_ALLOC',
  'SK_MEMINFO_SNDBUF',
  'SK_MEMINFO_FWD_ALLOC',
  'SK_MEMINFO_WMEM_QUEUED',
  'SK_MEMINFO_OPTMEM',
  'SK_MEMINFO_BACKLOG',
  'SK_MEMINFO_DROPS',
]
// The structs of the algorithms that tell something: name → octet and width. Which one it is depends on the algorithm.
const CONGESTION_FIELDS: Readonly<Record<string, readonly [at: number, width: 2 | 4]>> = {
  bbr_bw_lo: [0, 4],
  bbr_bw_hi: [4, 4],
  bbr_min_rtt: [8, 4],
  bbr_pacing_gain: [12, 4],
  bbr_cwnd_gain: [16, 4],
  tcpv_enabled: [0, 4],
  tcpv_rttcnt: [4, 4],
  tcpv_rtt: [8, 4],
  tcpv_minrtt: [12, 4],
  dctcp_enabled: [0, 2],
  dctcp_ce_state: [2, 2],
  dctcp_alpha: [4, 4],
  dctcp_ab_ecn: [8, 4],
  dctcp_ab_tot: [12, 4],
}

/** What a socket tells of itself at one moment: read when it is first asked for, and then kept. */
export class SocketInfo {
  readonly #endpoint: Endpoint | null
  #info: Record<string, number> | null = null

  constructor(endpoint: Endpoint | null) {
    this.#endpoint = endpoint
  }

  /** The value of a field of TCP_INFO, TCP_CC_INFO or SO_MEMINFO; undefined for what is none. Throws a CodeError without a socket. */
  get(name: string): number | undefined {
    if (name.startsWith('tcpi_')) {
      this.#info ??= this.#tcpInfo()
      return this.#info[name]
    }
    const index = MEMORY_FIELDS.indexOf(name)
    if (index >= 0) return this.#field(name, SOL_SOCKET, SO_MEMINFO, 4 * index, 4)
    const field = Object.hasOwn(CONGESTION_FIELDS, name) ? CONGESTION_FIELDS[name] : undefined
    return field === undefined ? undefined : this.#field(name, IPPROTO_TCP, TCP_CC_INFO, field[0], field[1])
  }

  #tcpInfo(): Record<string, number> {
    const bytes = new Uint8Array(TCP_INFO_LENGTH)
    const length = this.#read(IPPROTO_TCP, TCP_INFO, bytes)
    if (length < 0) throw new CodeError('the socket under test has no TCP_INFO')
    return decodeTcpInfo(bytes, length)
  }

  #field(name: string, level: number, option: number, at: number, width: 2 | 4): number {
    const bytes = new Uint8Array(ROOM)
    if (this.#read(level, option, bytes) < at + width)
      throw new CodeError(`the socket under test does not tell ${name}`)
    const view = new DataView(bytes.buffer)
    return width === 2 ? view.getUint16(at, true) : view.getUint32(at, true)
  }

  #read(level: number, option: number, bytes: Uint8Array): number {
    if (this.#endpoint === null) {
      throw new CodeError('no descriptor of the socket under test is open, so it has no TCP_INFO')
    }
    return this.#endpoint.getOption(level, option, bytes)
  }
}
