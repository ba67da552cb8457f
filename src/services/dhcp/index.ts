// The public entry jackfield/dhcp: addresses by DHCP for IPv4. It runs in Node and in browsers.

export type { DhcpReservation, DhcpScopeOptions } from './dhcp-scope.ts'
export { type DhcpBinding, DhcpServer, type DhcpServerCounters, type DhcpServerOptions } from './dhcp-server.ts'
