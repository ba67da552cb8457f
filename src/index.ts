// The public entry: everything here runs in Node and in browsers. Devices of the operating system are in jackfield/os, Node's
// and the web's streams in jackfield/node and jackfield/web, packetdrill scripts in jackfield/drill, simulated networks in
// jackfield/sim.

export type { RingSpan } from './base/byte-ring.ts'
// Stacks, and the time and randomness they run on
export type { Alarm, Clock } from './base/clock.ts'
// The vocabulary: AF_INET, SOCK_STREAM, SO_REUSEADDR, POLLIN, … and ECONNREFUSED, …
export type { ConfiguredInterface, ConfiguredRoute } from './base/configured-interface.ts'
export * from './base/constants.ts'
export * from './base/constants-control.ts'
export * from './base/constants-link.ts'
export * from './base/constants-options.ts'
export type { Credentials } from './base/credentials.ts'
export * from './base/errno.ts'
export type { ExtendedError } from './base/extended-error.ts'
export type { GroupFilter, GroupRequest } from './base/group-request.ts'
export {
  htonl,
  htons,
  INET_ADDRSTRLEN,
  INET6_ADDRSTRLEN,
  inet_aton,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
} from './base/inet.ts'
export { IpAddress } from './base/ip-address.ts'
export { ManualClock } from './base/manual-clock.ts'
export type { NetlinkAddress, PacketAddress, VsockAddress } from './base/other-address.ts'
export type { PacketInfo } from './base/packet-info.ts'
export { type Random, SeededRandom } from './base/random.ts'
export {
  type AddressText,
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKADDR_IN_LENGTH,
  SOCKADDR_IN6_LENGTH,
  SOCKADDR_UN_LENGTH,
  SocketAddress,
  SUN_PATH_LENGTH,
} from './base/socket-address.ts'
export {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
  type TcpInfo,
} from './base/tcp-info.ts'
// Devices
export { Cable, type CableEnd, type CableOptions } from './device/cable.ts'
export { Capture, type CaptureDirection, type CaptureSink } from './device/capture.ts'
export { CaptureBuffer } from './device/capture-buffer.ts'
export {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_VERIFIED,
  type Device,
  type DeviceFeatures,
  type FrameReceiver,
  NO_FEATURES,
  Offload,
  SEGMENT_NONE,
  SEGMENT_TCP4,
  SEGMENT_TCP6,
  SEGMENT_UDP,
} from './device/device.ts'
export { FrameStream, type FrameStreamOptions } from './device/frame-stream.ts'
export { Impair } from './device/impair.ts'
export { type BurstLoss, type Impairment, type ImpairOptions, parseImpairment } from './device/impairment.ts'
export { Loopback, type LoopbackOptions } from './device/loopback.ts'
export { PcapngSink } from './device/pcapng-sink.ts'
export { SocketTunnel, type SocketTunnelOptions } from './device/socket-tunnel.ts'
export type { SwitchAddress } from './device/switch.ts'
export type { SwitchPlug } from './device/switch-plug.ts'
export type { SwitchPort } from './device/switch-port.ts'
export { Tunnel, type TunnelEnd, type TunnelOptions } from './device/tunnel.ts'
export { WebSocketDevice, type WebSocketDeviceOptions, type WebSocketLike } from './device/web-socket.ts'
export { randomHardwareAddress } from './platform/hardware-address.ts'
export { RealClock, realClock } from './platform/real-clock.ts'
export { secureRandom } from './platform/secure-random.ts'
export { LeanStack, type LeanStackOptions, Stack, type StackOptions } from './platform/stack.ts'
export { Switch, type SwitchOptions } from './platform/switch.ts'
// Sockets
export type { AddressLike, LinkAddress, UnixPath, WaitOptions } from './socket/arguments.ts'
export {
  type BlockingOptions,
  type BlockingPollEntry,
  type BlockingPollResult,
  BlockingSocket,
  blockingPoll,
} from './socket/blocking/blocking-socket.ts'
export { type ByteStream, type ByteStreamUser, SocketByteStream } from './socket/byte-stream.ts'
export {
  credentials,
  hopLimit,
  pktinfo,
  readCredentials,
  readDrops,
  readExtendedError,
  readHopLimit,
  readOriginalDestination,
  readPacketInfo,
  readRights,
  readSegmentSize,
  readTimestamp,
  readTrafficClass,
  rights,
  segmentSize,
  timeToLive,
  trafficClass,
  typeOfService,
} from './socket/control-message.ts'
export type { Datagram } from './socket/iteration.ts'
export { type FrameDetails, readFrameDetails, readNamespaceId, readNetlinkGroup } from './socket/link-control.ts'
export { type BatchOptions, MessageBatch } from './socket/message-batch.ts'
export type {
  AddressOptions,
  FlowLabelRequest,
  PacketMembership,
  PathMtu,
  TcpMd5Signature,
} from './socket/option-addresses.ts'
export type { FilterInstruction, OptionLists, TcpRepairOption } from './socket/option-lists.ts'
export type {
  IntegerStructs,
  PacketFanout,
  PacketRollover,
  PacketStatistics,
  SocketMemory,
  SockTxtime,
  SoTimestamping,
  TcpRepairWindow,
} from './socket/option-structs.ts'
export type { OptionInput, OptionOf } from './socket/option-table.ts'
export type { Linger, OptionValue, PortRange } from './socket/option-values.ts'
export { type PollEntry, type PollOptions, type PollResult, poll } from './socket/poll.ts'
export {
  type BlockingProvider,
  type ControlMessage,
  type Endpoint,
  Message,
  type PolledEntry,
  type Provider,
  type WaitEntry,
  type Watcher,
} from './socket/provider.ts'
export type { CallPort, RemoteInit } from './socket/remote/remote-init.ts'
export { RemoteProvider } from './socket/remote/remote-provider.ts'
export { type ServedCalls, type ServeOptions, serveCalls } from './socket/remote/serve-calls.ts'
export { type Received, Socket } from './socket/socket.ts'
export { SocketError, type SystemCall } from './socket/socket-error.ts'
// What they do, call by call, and what a stack has open
export {
  packetMark,
  packetPriority,
  readFlowInfo,
  readFragmentSize,
  readPacketMark,
  readPacketPriority,
  readPathMtu,
  readPidfd,
  readQueued,
  readReceivedChecksum,
  readSecurity,
  readZeroCopyDone,
  type ZeroCopyDone,
} from './socket/system-control.ts'
export {
  departure,
  readTimestampedPacket,
  readTimestamps,
  stampedAt,
  type TimestampedPacket,
  type Timestamps,
  timestampId,
} from './socket/timestamping.ts'
export { parseCallFilter, TRACED_CALLS, type TracedCall } from './socket/trace/call-filter.ts'
export type { TraceOptions, TraceSink, TraceTimestamps } from './socket/trace/call-log.ts'
export { type TracingProvider, trace } from './socket/trace/trace.ts'
export type { ReversePathCheck } from './stack/ip/reverse-path.ts'
export { InterfaceConfiguration } from './stack/link/interface-configuration.ts'
export type { NetworkInterface } from './stack/link/network-interface.ts'
export type { AdvertisedPrefix, AdvertisedRoute, AdvertiseOptions } from './stack/nd/advertise-options.ts'
export type { Ipv6Mode } from './stack/nd/ipv6-options.ts'
export type { RouterAdvertiser } from './stack/nd/router-advertiser.ts'
export {
  type NetstatDetails,
  type NetstatEntry,
  type NetstatHolder,
  type NetstatMemory,
  type NetstatOptions,
  type NetstatProtocol,
  type NetstatSystem,
  type NetstatTraffic,
  netstat,
} from './stack/netstat.ts'
export {
  type CounterListing,
  type InterfaceListing,
  listCounters,
  listInterfaces,
  listNeighbours,
  listRoutes,
  type NeighbourListing,
  type RouteListing,
} from './stack/netstat-tables.ts'
export { formatConnection, formatNetstat, formatSystem, type NetstatTextOptions } from './stack/netstat-text.ts'
export type { NetstatTimer } from './stack/netstat-timers.ts'
// What a LeanStack may have
export { ipOptions } from './stack/parts/ip-options.ts'
export { multicast } from './stack/parts/multicast.ts'
export { optionStructs } from './stack/parts/option-structs.ts'
export { pingSockets } from './stack/parts/ping-sockets.ts'
export { rawSockets } from './stack/parts/raw-sockets.ts'
export { routerDiscovery } from './stack/parts/router-discovery.ts'
export { routing } from './stack/parts/routing.ts'
export { tcpFastOpen } from './stack/parts/tcp-fast-open.ts'
export { tcpInfo } from './stack/parts/tcp-info.ts'
export { tcpSignatures } from './stack/parts/tcp-signatures.ts'
export { unixSockets } from './stack/parts/unix-sockets.ts'
export type { StackLimits } from './stack/stack-limits.ts'
export type { AttachOptions, RouteOptions } from './stack/stack-options.ts'
export type { StackPart } from './stack/stack-parts.ts'
export type { PathMetrics } from './tcp/path-metrics.ts'
export type { UnixLimits } from './unix/unix-limits.ts'
// Frames in words, and captures
export { describeLayers, describeLine } from './wire/describe.ts'
export type { DescribedField, DescribedLayer } from './wire/describe-layer.ts'
export {
  DIRECTION_INBOUND,
  DIRECTION_OUTBOUND,
  DIRECTION_UNKNOWN,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  type PcapngInterface,
  type PcapngOptions,
  PcapngWriter,
} from './wire/pcapng.ts'
export { type CapturedFile, type CapturedInterface, type CapturedPacket, readPcapng } from './wire/pcapng-reader.ts'
