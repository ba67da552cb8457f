// The public entry jackfield/names: names of hosts and services. It runs in Node and in browsers; it is an entry of its own for
// the codec that it brings with it.

export {
  htonl,
  htons,
  IN_ADDR_LENGTH,
  IN6_ADDR_LENGTH,
  INET_ADDRSTRLEN,
  INET6_ADDRSTRLEN,
  inet_aton,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from '../../base/inet.ts'
export type { AddressInfo } from './address-info.ts'
export type { AddressInfoHints } from './address-info-hints.ts'
export { type ConnectToOptions, connectTo } from './connect-to.ts'
export { reverseName } from './domain-name.ts'
export type { Answer, ExchangeCounters, ExchangeTransport } from './exchange.ts'
export { type HostsEntry, HostsFile } from './hosts-file.ts'
export type { HttpsFetch, HttpsOptions } from './https-exchange.ts'
export type { MasterFileOptions } from './master-file.ts'
export { MasterFileError } from './master-lines.ts'
export * from './message.ts'
export {
  type MulticastCounters,
  MulticastNames,
  type MulticastNamesOptions,
  type MulticastQueryOptions,
  type PublishedService,
  type ServiceOptions,
} from './multicast/multicast-names.ts'
export type { BrowseCallbacks, FoundService, ServiceBrowser } from './multicast/service-browser.ts'
export type { ServiceText } from './multicast/service-text.ts'
export type { NameInfo, NameInfoOptions } from './name-info.ts'
export { NameServer, type NameServerCounters, type NameServerOptions } from './name-server.ts'
export { NameServerDatagrams } from './name-server-datagrams.ts'
export type { FoundHost, LookupWaiting, NameSystem, WantedFamilies } from './name-system.ts'
export { Names, type NamesOptions } from './names.ts'
export * from './netdb.ts'
export type { QueryFlags } from './query.ts'
export type { QueryResult } from './query-result.ts'
export type { MailExchanger, ServiceTarget } from './record-order.ts'
export { responseName, typeName, typeNumber } from './record-type.ts'
export { parseResolvConf, type ResolvConf } from './resolv-conf.ts'
export { type QueryOptions, type RawQueryOptions, Resolver, type ResolverOptions } from './resolver.ts'
export { type ResolverCode, ResolverError } from './resolver-error.ts'
export { type ServiceEntry, ServiceTable, services, type TransportName } from './service-table.ts'
export { type Found, Zone } from './zone.ts'
