import type { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { StackEndpoint } from './endpoint.ts'
import { OPTION_REUSEADDR, OPTION_REUSEPORT } from './option-bits.ts'
import type { PortBinding, PortTable } from './port-table.ts'

/**
 * A port held by a socket and by the connections that were made on it: a listener's port stays taken until the last of its
 * connections is gone, TIME-WAIT included, as on Linux.
 */
export class PortHold implements PortBinding {
  readonly address: IpAddress
  port: number
  readonly v6only: boolean
  reuseAddress = false
  reusePort = false
  byConnect = false
  readonly portLow: number
  readonly portHigh: number
  listening = false
  readonly networkInterface: NetworkInterface | null
  readonly #table: PortTable
  #holders = 1

  /** What `endpoint` holds of `table`, as its options are now. */
  constructor(table: PortTable, endpoint: StackEndpoint, address: IpAddress, port: number) {
    this.#table = table
    this.address = address
    this.port = port
    this.v6only = endpoint.v6only
    this.heed(endpoint)
    this.portLow = endpoint.rare?.portLow ?? 0
    this.portHigh = endpoint.rare?.portHigh ?? 0
    this.networkInterface = endpoint.boundTo
  }

  /** Shares as the options of `endpoint` are now: inet_csk_bind_conflict of Linux looks at the sockets, not at what they were. */
  heed(endpoint: StackEndpoint): void {
    this.reuseAddress = endpoint.option(OPTION_REUSEADDR)
    this.reusePort = endpoint.option(OPTION_REUSEPORT)
  }

  /** One more holds it. */
  share(): this {
    this.#holders++
    return this
  }

  release(): void {
    if (--this.#holders === 0) this.#table.release(this)
  }
}
