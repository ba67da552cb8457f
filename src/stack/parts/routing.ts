import { forward } from '../ip/forward.ts'
import { ForwardingWays } from '../ip/forwarding-ways.ts'
import { RouterAdvertiser } from '../nd/router-advertiser.ts'
import { routerSolicitation } from '../nd/router-solicitation-input.ts'
import type { StackPart } from '../stack-parts.ts'

/** What a router does: it passes packets on (the option `forwarding`) and advertises itself to the hosts of a link. */
export const routing: StackPart = {
  forward,
  ways: (stack) => new ForwardingWays(stack),
  advertising: { advertiser: (ipv6, options) => new RouterAdvertiser(ipv6, options), input: routerSolicitation },
}
