import type { TcpConfig } from '../../tcp/config.ts'
import { Wishes } from '../../tcp/wishes.ts'
import { EndpointOptions } from '../endpoint/endpoint-options.ts'

const TTL = 64
/** Over IPv6: the interface's. */
const HOP_LIMIT = -1

/** What sockets and connections share that nobody has asked anything else of, by a configuration. */
export class TcpDefaults {
  readonly wishes: Wishes
  readonly wishes6: Wishes
  readonly endpointOptions: EndpointOptions

  constructor(config: TcpConfig) {
    this.wishes = new Wishes(config, TTL)
    this.wishes6 = new Wishes(config, HOP_LIMIT)
    this.endpointOptions = new EndpointOptions(config.sendBuffer, config.receiveBuffer)
  }
}
