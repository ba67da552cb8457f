// The public entry: everything here runs in Node and in browsers. Devices of the operating system are in jackfield/os, Node's
// and the web's streams in jackfield/node and jackfield/web, packetdrill scripts in jackfield/drill.

// Stacks, and the time and randomness they run on
export type { Alarm, Clock } from './base/clock.ts'
// The vocabulary: AF_INET, SOCK_STREAM, SO_REUSEADDR, POLLIN, … and ECONNREFUSED, …
export * from './base/constants.ts'
export * from './base/errno.ts'
export { IpAddress } from './base/ip-address.ts'
export { ManualClock } from './base/manual-clock.ts'
export { type Random, SeededRandom } from './base/random.ts'
export {
  type AddressText,
  decodeSocketAddress,
  encodeSocketAddress,
  SOCKADDR_IN_LENGTH,
  SOCKADDR_IN6_LENGTH,
  SocketAddress,
} from './base/socket-address.ts'
export type { TcpInfo } from './base/tcp-info.ts'
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
export { Impair } from './device/impair.ts'
export { type BurstLoss, type Impairment, type ImpairOptions, parseImpairment } from './device/impairment.ts'
export { Loopback, type LoopbackOptions } from './device/loopback.ts'
export { PcapngSink } from './device/pcapng-sink.ts'
export { RealClock, realClock } from './platform/real-clock.ts'
export { secureRandom } from './platform/secure-random.ts'
export { Stack, type StackOptions } from './platform/stack.ts'
// Sockets
export type { AddressLike, WaitOptions } from './socket/arguments.ts'
export type { Datagram } from './socket/iteration.ts'
export type { OptionInput, OptionOf } from './socket/option-table.ts'
export type { Linger, OptionValue } from './socket/option-values.ts'
export { type PollEntry, type PollOptions, type PollResult, poll } from './socket/poll.ts'
export { type ControlMessage, type Endpoint, Message, type Provider, type Watcher } from './socket/provider.ts'
export { type Received, Socket } from './socket/socket.ts'
export { SocketError, type SystemCall } from './socket/socket-error.ts'
export type { NetworkInterface } from './stack/link/network-interface.ts'
export type { AttachOptions, RouteOptions } from './stack/stack.ts'
export type { StackLimits } from './stack/stack-limits.ts'
// Captures
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
