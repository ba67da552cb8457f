// The public entry jackfield/dhcp: addresses by DHCP for IPv4, given and got. It runs in Node and in browsers.

export { DhcpClient, type DhcpClientOptions, type DhcpClientState, type DhcpLoss } from './dhcp-client.ts'
export type { DhcpClientCounters } from './dhcp-exchange.ts'
export type { DhcpLease } from './dhcp-lease.ts'
export type { DhcpReservation, DhcpScopeOptions } from './dhcp-scope.ts'
export { type DhcpBinding, DhcpServer, type DhcpServerCounters, type DhcpServerOptions } from './dhcp-server.ts'
