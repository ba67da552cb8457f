// Read first: RFC 7413 sections 3 and 4.
//
// Fast Open saves the first round trip: data goes with the SYN, and the server takes it before the handshake is over, from
// clients that show a cookie they were given earlier. What a whole host knows of it is here; fast-open-client and
// fast-open-server have the two ends.

import type { IpAddress } from '../base/ip-address.ts'
import type { Random } from '../base/random.ts'
import type { TcpConfig } from './config.ts'
import type { FastOpenCalls } from './fast-open-calls.ts'
import { FastOpenKeys } from './fast-open-key.ts'

// TcpConfig.fastOpen, as Linux numbers them.
export const FAST_OPEN_CLIENT = 0x1
export const FAST_OPEN_SERVER = 0x2
export const FAST_OPEN_CLIENT_NO_COOKIE = 0x4
export const FAST_OPEN_SERVER_NO_COOKIE = 0x200
export const FAST_OPEN_ALL_LISTENERS = 0x400

// What a connection knows of it: bits of `Connection.fastOpen`.
/** The SYN carried the option, with a cookie or asking for one. */
export const FO_OPTION = 0x1
/** It was the option of the experiment. */
export const FO_EXPERIMENT = 0x2
/** The SYN carried data. */
export const FO_DATA = 0x4
/** Data of the SYN, the peer's or our own, was taken with it: TCPI_OPT_SYN_DATA. */
export const FO_DATA_TAKEN = 0x8
/** A listener made this connection from a SYN: TCPI_OPT_TFO_CHILD. */
export const FO_CHILD = 0x10
/** The first attempt after a pause: if data comes back, the network lets Fast Open through again. */
export const FO_TRIAL = 0x20
/** connect(2) has said yes, and the SYN waits for the first data (TCP_FASTOPEN_CONNECT). */
export const FO_DEFERRED = 0x40
/** TCP_FASTOPEN_NO_COOKIE: this socket does without. */
export const FO_NO_COOKIE = 0x80
/** tcpi_fastopen_client_fail lies here: no cookie; the peer took the SYN alone; the SYN was sent again. */
export const FO_FAIL_SHIFT = 8
export const FO_FAIL_NO_COOKIE = 1
export const FO_FAIL_NOT_ACKNOWLEDGED = 2
export const FO_FAIL_SYN_REPEATED = 3

/** Peers whose cookies a host remembers: those it has not asked for longest go first. */
const REMEMBERED_MAX = 1024
/** The pause doubles so often at most. */
const DOUBLINGS_MAX = 6

/** What a client remembers of a peer. */
interface FastOpenPeer {
  /** Empty: none was given. */
  cookie: Uint8Array
  /** It came with, or is asked for by, the option of the experiment. */
  experimental: boolean
  /** The experiment: 0 not tried; 1 to be tried next; 2 tried, and no better. */
  experiment: number
  /** What the peer said it takes in a segment; 0: not known. */
  mss: number
}

/** All that a host keeps for Fast Open: the key of its cookies, those of others, and whether the network lets it through. */
export class FastOpenHost {
  readonly calls: FastOpenCalls
  readonly #config: TcpConfig
  readonly #random: Random
  readonly #peers = new Map<string, FastOpenPeer>()
  #keys: FastOpenKeys | null = null
  #keyText = ''
  #pausedAt = 0
  #pauses = 0

  constructor(config: TcpConfig, random: Random, calls: FastOpenCalls) {
    this.calls = calls
    this.#config = config
    this.#random = random
  }

  /** The keys of listeners that have none of their own. */
  get keys(): FastOpenKeys {
    const { fastOpenKey } = this.#config
    if (this.#keys === null || this.#keyText !== fastOpenKey) {
      this.#keyText = fastOpenKey
      this.#keys = FastOpenKeys.parse(fastOpenKey) ?? this.#keys ?? FastOpenKeys.random(this.#random)
    }
    return this.#keys
  }

  /** What is remembered of a peer, or null. */
  peer(local: IpAddress, remote: IpAddress): FastOpenPeer | null {
    return this.#peers.get(nameOf(local, remote)) ?? null
  }

  /** A SYN-ACK has answered a SYN of ours that carried the option. `cookie` is what it brought, perhaps nothing. */
  remember(
    local: IpAddress,
    remote: IpAddress,
    mss: number,
    cookie: Uint8Array,
    experimental: boolean,
    experiment: number,
  ): void {
    const name = nameOf(local, remote)
    let peer = this.#peers.get(name)
    if (peer === undefined) peer = { cookie: NO_COOKIE, experimental: false, experiment: 0, mss: 0 }
    else this.#peers.delete(name)
    this.#peers.set(name, peer)
    if (mss > 0) peer.mss = mss
    if (cookie.length > 0) {
      peer.cookie = cookie
      peer.experimental = experimental
    } else if (experiment > peer.experiment && peer.cookie.length === 0) {
      peer.experiment = experiment
    }
    if (this.#peers.size <= REMEMBERED_MAX) return
    for (const oldest of this.#peers.keys()) {
      this.#peers.delete(oldest)
      return
    }
  }

  /** Forgets all peers (`ip tcp_metrics flush`). */
  forget(): void {
    this.#peers.clear()
  }

  /** RFC 7413 section 4.1.3.1: the network seems to swallow what Fast Open sends. */
  pause(now: number): void {
    if (this.#config.fastOpenBlackhole === 0) return
    this.#pausedAt = now
    this.#pauses++
  }

  /** It let something through after all. */
  resume(): void {
    this.#pauses = 0
  }

  /** Whether clients pause; 'trial': they did, and this is the first to try again. */
  paused(now: number): 'no' | 'yes' | 'trial' {
    const first = this.#config.fastOpenBlackhole
    if (first === 0 || this.#pauses === 0) return 'no'
    const pause = first * 2 ** Math.min(this.#pauses - 1, DOUBLINGS_MAX)
    return (now - this.#pausedAt) >>> 0 < pause ? 'yes' : 'trial'
  }
}

const NO_COOKIE = new Uint8Array(0)

function nameOf(local: IpAddress, remote: IpAddress): string {
  return `${local.a} ${local.b} ${local.c} ${local.d} ${remote.a} ${remote.b} ${remote.c} ${remote.d}`
}
