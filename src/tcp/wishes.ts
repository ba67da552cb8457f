// Read first: tcp(7), ip(7), socket(7) on options; RFC 9293 section 3.9.1.

import type { TcpConfig } from './config.ts'
import type { CongestionControl } from './congestion.ts'
import { congestionControl } from './congestion-controls.ts'
import { cubic } from './cubic.ts'

/** What an application may wish of its connection. Those without wishes share the host's. */
export class Wishes {
  readonly #config: TcpConfig
  /** One connection's, which may change it. */
  readonly own: boolean
  ttl: number
  tos = 0
  /** Segments that have less hops left are not the peer's: RFC 5082. 0: all are taken. */
  minTtl = 0
  signatureKey: Uint8Array | null = null
  /** TCP_WINDOW_CLAMP; 0: none. */
  clampWished = 0
  /** Set by TCP_MAXSEG; 0: not. */
  mssLimit = 0
  control: CongestionControl
  keepAliveTime: number
  keepAliveInterval: number
  keepAliveProbes: number
  userTimeout = 0
  finWait2Timeout: number
  synRetries: number
  lowWater = 1
  notSentLowWater: number

  /** `ttl`: of IPv6 it is −1, the interface's. */
  constructor(config: TcpConfig, ttl: number, own: boolean = false) {
    this.#config = config
    this.own = own
    this.ttl = ttl
    this.control = congestionControl(config.congestionControl) ?? cubic
    this.keepAliveTime = config.keepAliveTime
    this.keepAliveInterval = config.keepAliveInterval
    this.keepAliveProbes = config.keepAliveProbes
    this.finWait2Timeout = config.finWait2
    this.synRetries = config.synRetries
    this.notSentLowWater = config.notSentLowWater
  }

  /** A copy for one connection. */
  copy(): Wishes {
    return Object.assign(new Wishes(this.#config, this.ttl, true), this, { own: true })
  }
}
