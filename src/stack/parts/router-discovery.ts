import { Redirects } from '../nd/redirects.ts'
import { RouterDiscovery } from '../nd/router-discovery.ts'
import { redirected, routerAdvertisement } from '../nd/router-input.ts'
import type { StackPart } from '../stack-parts.ts'

/** What hosts learn of IPv6 routers: the mode 'auto' of interfaces, with addresses, ways and resolvers; redirects. */
export const routerDiscovery: StackPart = {
  routers: {
    discovery: (ipv6) => new RouterDiscovery(ipv6),
    redirects: (networkInterface) => new Redirects(networkInterface),
    advertisement: routerAdvertisement,
    redirect: redirected,
  },
}
