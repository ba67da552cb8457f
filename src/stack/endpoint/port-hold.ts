import type { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { StackEndpoint } from './endpoint.ts'
import { OPTION_REUSEADDR, OPTION_REUSEPORT } from './option-bits.ts'
import type { PortBinding, PortTable } from './port-table.ts'

// Bits of `#state`
const V6_ONLY = 1
const REUSE_ADDRESS = 2
const REUSE_PORT = 4
const BY_CONNECT = 8
const LISTENING = 16
const ONE_HOLDER = 32

/**
 * A port held by a socket and by the connections that were made on it: a listener's port stays taken until the last of its
 * connections is gone, TIME-WAIT included, as on Linux.
 */
export class PortHold implements PortBinding {
  readonly address: IpAddress
  port: number
  readonly networkInterface: NetworkInterface | null
  readonly #table: PortTable
  /** IP_LOCAL_PORT_RANGE: its first port, and above it its last. */
  readonly #range: number
  /** Flags, and above them how many hold it. */
  #state = ONE_HOLDER

  /** What `endpoint` holds of `table`, as its options are now. */
  constructor(table: PortTable, endpoint: StackEndpoint, address: IpAddress, port: number) {
    this.#table = table
    this.address = address
    this.port = port
    this.set(V6_ONLY, endpoint.v6only)
    this.heed(endpoint)
    this.#range = endpoint.rare === null ? 0 : endpoint.rare.portLow | (endpoint.rare.portHigh << 16)
    this.networkInterface = endpoint.boundTo
  }

  /** Shares as the options of `endpoint` are now: inet_csk_bind_conflict of Linux looks at the sockets, not at what they were. */
  heed(endpoint: StackEndpoint): void {
    this.set(REUSE_ADDRESS, endpoint.option(OPTION_REUSEADDR))
    this.set(REUSE_PORT, endpoint.option(OPTION_REUSEPORT))
  }

  get v6only(): boolean {
    return (this.#state & V6_ONLY) !== 0
  }

  get reuseAddress(): boolean {
    return (this.#state & REUSE_ADDRESS) !== 0
  }

  get reusePort(): boolean {
    return (this.#state & REUSE_PORT) !== 0
  }

  get byConnect(): boolean {
    return (this.#state & BY_CONNECT) !== 0
  }

  set byConnect(yes: boolean) {
    this.set(BY_CONNECT, yes)
  }

  get listening(): boolean {
    return (this.#state & LISTENING) !== 0
  }

  set listening(yes: boolean) {
    this.set(LISTENING, yes)
  }

  get portLow(): number {
    return this.#range & 0xffff
  }

  get portHigh(): number {
    return this.#range >>> 16
  }

  /** One more holds it. */
  share(): this {
    this.#state += ONE_HOLDER
    return this
  }

  release(): void {
    this.#state -= ONE_HOLDER
    if (this.#state < ONE_HOLDER) this.#table.release(this)
  }

  private set(flag: number, yes: boolean): void {
    this.#state = yes ? this.#state | flag : this.#state & ~flag
  }
}
