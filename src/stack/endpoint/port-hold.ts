import type { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { PortBinding, PortTable } from './port-table.ts'

/**
 * A port held by a socket and by the connections that were made on it: a listener's port stays taken until the last of its
 * connections is gone, TIME-WAIT included, as on Linux.
 */
export class PortHold implements PortBinding {
  readonly address: IpAddress
  port: number
  readonly reuseAddress: boolean
  readonly reusePort: boolean
  listening = false
  readonly networkInterface: NetworkInterface | null
  readonly #table: PortTable
  #holders = 1

  constructor(
    table: PortTable,
    address: IpAddress,
    port: number,
    reuseAddress: boolean,
    reusePort: boolean,
    networkInterface: NetworkInterface | null,
  ) {
    this.#table = table
    this.address = address
    this.port = port
    this.reuseAddress = reuseAddress
    this.reusePort = reusePort
    this.networkInterface = networkInterface
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
