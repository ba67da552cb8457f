// Read first: tcp(7) "Socket options".

import {
  TCP_CC_INFO,
  TCP_CONGESTION,
  TCP_CORK,
  TCP_DEFER_ACCEPT,
  TCP_INQ,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LINGER2,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_NOTSENT_LOWAT,
  TCP_QUICKACK,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
  TCP_WINDOW_CLAMP,
} from '../../base/constants.ts'
import { EINVAL, ENOENT, ENOPROTOOPT } from '../../base/errno.ts'
import type { TcpConfig } from '../../tcp/config.ts'
import type { CongestionControl } from '../../tcp/congestion.ts'
import { congestionControl, useControl } from '../../tcp/congestion-controls.ts'
import { ACK_WITH_DATA, type Connection } from '../../tcp/connection.ts'
import { FO_NO_COOKIE } from '../../tcp/fast-open.ts'
import type { FastOpenKeys } from '../../tcp/fast-open-key.ts'
import type { SignatureKeys } from '../../tcp/signature.ts'
import { readInt, writeInt } from './option-value.ts'

/** Linux's MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL in seconds, MAX_TCP_KEEPCNT and MAX_TCP_SYNCNT. */
const SECONDS_MAX = 32767
const COUNT_MAX = 127
/** Linux's TCP_MIN_MSS and MAX_TCP_WINDOW. */
const MSS_MIN = 88
const MSS_MAX = 32767
/** The least of TCP_WINDOW_CLAMP that is not 0: half of Linux's SOCK_MIN_RCVBUF. */
const WINDOW_CLAMP_MIN = 1152
/** TCP_RTO_MAX in seconds. */
const TIMEOUT_MAX = 120

/** Linux's secs_to_retrans: the fewest time-outs of a SYN-ACK, 1 s, 2 s, 4 s and so on, that together last so many seconds. */
function timeoutsIn(seconds: number): number {
  if (seconds <= 0) return 0
  let count = 1
  while (secondsOf(count) < seconds && count < 255) count++
  return count
}

/** Linux's retrans_to_secs. */
function secondsOf(timeouts: number): number {
  let seconds = 0
  for (let i = 0; i < timeouts; i++) seconds += Math.min(2 ** i, TIMEOUT_MAX)
  return seconds
}

/** What an application has set at level IPPROTO_TCP: kept by the socket, given to its connection, inherited by those accepted. */
export class TcpPreferences {
  noDelay = false
  cork = false
  mssLimit = 0
  /** Seconds. */
  keepIdle: number
  keepInterval: number
  keepCount: number
  synRetries: number
  /** Seconds; −1: do not wait at all. */
  linger2: number
  readonly defaultLinger2: number
  windowClamp = 0
  /** Milliseconds; 0: as the retransmissions give it. */
  userTimeout = 0
  notSentLowWater = 0
  quickAck = true
  /** In time-outs of a SYN-ACK, as Linux keeps it. */
  deferAccept = 0
  /** recvmsg tells how much is left. */
  tellsRest = false
  /** TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE, TCP_FASTOPEN_KEY: see tcp-fast-open. */
  fastOpenMax = 0
  fastOpenConnect = false
  fastOpenNoCookie = false
  fastOpenKeys: FastOpenKeys | null = null
  /** TCP_MD5SIG and TCP_MD5SIG_EXT: see tcp-signature. */
  signatureKeys: SignatureKeys | null = null
  /** Null: that of the host. */
  control: CongestionControl | null = null
  readonly #config: TcpConfig

  constructor(config: TcpConfig) {
    this.#config = config
    this.keepIdle = config.keepAliveTime / 1000
    this.keepInterval = config.keepAliveInterval / 1000
    this.keepCount = config.keepAliveProbes
    this.synRetries = config.synRetries
    this.linger2 = config.finWait2 / 1000
    this.defaultLinger2 = this.linger2
  }

  copy(config: TcpConfig): TcpPreferences {
    const copy = Object.assign(new TcpPreferences(config), this)
    copy.signatureKeys = this.signatureKeys === null ? null : this.signatureKeys.copy()
    return copy
  }

  applyTo(c: Connection): void {
    c.noDelay = this.noDelay
    c.cork = this.cork
    c.mssLimit = this.mssLimit
    c.keepAliveTime = this.keepIdle * 1000
    c.keepAliveInterval = this.keepInterval * 1000
    c.keepAliveProbes = this.keepCount
    c.synRetries = this.synRetries
    c.finWait2Timeout = this.linger2 * 1000
    c.userTimeout = this.userTimeout
    c.notSentLowWater = this.notSentLowWater === 0 ? c.host.config.notSentLowWater : this.notSentLowWater
    if (this.control !== null) useControl(c, this.control)
    c.interactive = !this.quickAck
    if (this.deferAccept > 0) c.ackWishes |= ACK_WITH_DATA
    c.signatureKey = this.signatureKeys === null ? null : this.signatureKeys.find(c.remote)
    if (this.fastOpenNoCookie) c.fastOpen |= FO_NO_COOKIE
  }

  /** 0, or a negated errno. */
  set(name: number, value: Uint8Array): number {
    if (name === TCP_CONGESTION) return this.#setControl(value)
    if (value.length < 4) return -EINVAL
    const int = readInt(value)
    switch (name) {
      case TCP_NODELAY:
        this.noDelay = int !== 0
        return 0
      case TCP_CORK:
        this.cork = int !== 0
        return 0
      case TCP_MAXSEG:
        if (int !== 0 && (int < MSS_MIN || int > MSS_MAX)) return -EINVAL
        this.mssLimit = int
        return 0
      case TCP_KEEPIDLE:
        if (int < 1 || int > SECONDS_MAX) return -EINVAL
        this.keepIdle = int
        return 0
      case TCP_KEEPINTVL:
        if (int < 1 || int > SECONDS_MAX) return -EINVAL
        this.keepInterval = int
        return 0
      case TCP_KEEPCNT:
        if (int < 1 || int > COUNT_MAX) return -EINVAL
        this.keepCount = int
        return 0
      case TCP_SYNCNT:
        if (int < 1 || int > COUNT_MAX) return -EINVAL
        this.synRetries = int
        return 0
      case TCP_LINGER2:
        // 0 is the host's (Linux: tcp_fin_time).
        this.linger2 = int < 0 ? -1 : Math.min(int === 0 ? this.defaultLinger2 : int, 120)
        return 0
      case TCP_WINDOW_CLAMP:
        this.windowClamp = int === 0 ? 0 : Math.max(int, WINDOW_CLAMP_MIN)
        return 0
      case TCP_USER_TIMEOUT:
        if (int < 0) return -EINVAL
        this.userTimeout = int
        return 0
      case TCP_DEFER_ACCEPT:
        this.deferAccept = timeoutsIn(int)
        return 0
      case TCP_QUICKACK:
        this.quickAck = int !== 0
        return 0
      case TCP_INQ:
        if (int !== 0 && int !== 1) return -EINVAL
        this.tellsRest = int === 1
        return 0
      case TCP_NOTSENT_LOWAT:
        this.notSentLowWater = int < 0 ? 0x7fffffff : int
        return 0
      default:
        return -ENOPROTOOPT
    }
  }

  /** The octets of the value, or a negated errno. */
  get(name: number, value: Uint8Array): number {
    switch (name) {
      case TCP_NODELAY:
        return writeInt(value, this.noDelay ? 1 : 0)
      case TCP_CORK:
        return writeInt(value, this.cork ? 1 : 0)
      case TCP_MAXSEG:
        return writeInt(value, this.mssLimit === 0 ? 536 : this.mssLimit)
      case TCP_KEEPIDLE:
        return writeInt(value, this.keepIdle)
      case TCP_KEEPINTVL:
        return writeInt(value, this.keepInterval)
      case TCP_KEEPCNT:
        return writeInt(value, this.keepCount)
      case TCP_SYNCNT:
        return writeInt(value, this.synRetries)
      case TCP_LINGER2:
        return writeInt(value, this.linger2)
      case TCP_WINDOW_CLAMP:
        return writeInt(value, this.windowClamp)
      case TCP_USER_TIMEOUT:
        return writeInt(value, this.userTimeout)
      case TCP_NOTSENT_LOWAT:
        return writeInt(value, this.notSentLowWater)
      case TCP_INQ:
        return writeInt(value, this.tellsRest ? 1 : 0)
      case TCP_QUICKACK:
        return writeInt(value, this.quickAck ? 1 : 0)
      case TCP_DEFER_ACCEPT:
        return writeInt(value, secondsOf(this.deferAccept))
      case TCP_CONGESTION:
        return this.#getControl(value)
      case TCP_CC_INFO:
        // Neither cubic nor reno has anything to tell: Linux gives no octets.
        return 0
      default:
        return -ENOPROTOOPT
    }
  }

  #setControl(value: Uint8Array): number {
    if (value.length === 0) return -EINVAL
    const end = value.indexOf(0)
    const name = new TextDecoder().decode(end < 0 ? value : value.subarray(0, end))
    const control = congestionControl(name)
    if (control === null) return -ENOENT
    this.control = control
    return 0
  }

  #getControl(value: Uint8Array): number {
    // Linux gives the 16 octets of TCP_CA_NAME_MAX, filled with zeros.
    const name = new TextEncoder().encode(this.control === null ? this.#config.congestionControl : this.control.name)
    const length = Math.min(value.length, 16)
    value.fill(0, 0, length)
    value.set(name.subarray(0, length))
    return length
  }
}
