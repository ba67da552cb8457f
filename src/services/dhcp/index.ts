// The public entry jackfield/dhcp: addresses by DHCP for IPv4 and IPv6, given and got. It runs in Node and in browsers.

export { DhcpClient, type DhcpClientOptions, type DhcpClientState, type DhcpLoss } from './dhcp-client.ts'
export type { DhcpLease } from './dhcp-lease.ts'
export type { DhcpReservation, DhcpScopeOptions } from './dhcp-scope.ts'
export { type DhcpBinding, DhcpServer, type DhcpServerCounters, type DhcpServerOptions } from './dhcp-server.ts'
export { Dhcp6Client, type Dhcp6ClientState } from './dhcp6-client.ts'
export type { Dhcp6ClientOptions } from './dhcp6-client-options.ts'
export type { Dhcp6ClientCounters } from './dhcp6-exchange.ts'
export type { Dhcp6Address, Dhcp6Lease } from './dhcp6-lease.ts'
export type { Dhcp6Reservation, Dhcp6ScopeOptions } from './dhcp6-scope.ts'
export { type Dhcp6Binding, Dhcp6Server, type Dhcp6ServerCounters, type Dhcp6ServerOptions } from './dhcp6-server.ts'
export type { DhcpClientCounters } from './receive-answer.ts'
