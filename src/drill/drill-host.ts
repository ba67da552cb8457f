import { AF_INET, AF_INET6, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_RAW } from '../base/constants.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { Descriptor } from './descriptors.ts'
import type { DrillAddresses } from './drill-addresses.ts'
import { DrillSocket } from './drill-socket.ts'
import type { DrillSystem } from './drill-system.ts'
import { isHousekeeping } from './icmp-names.ts'
import type { SeenPacket } from './packet-reader.ts'
import type { Ports } from './script.ts'

/** Where the peer's ports come from: one for each connection, from here up. */
const FIRST_PEER_PORT = 40_001

/** The host under test: a system, and the sockets of it that the script has made. */
export class DrillHost {
  readonly system: DrillSystem
  readonly addresses: DrillAddresses
  /** Of sockets for which the script names none. */
  readonly family: number
  /** How far off a time may be, in microseconds. */
  readonly tolerance: number
  /** By the script's descriptors. */
  readonly descriptors: Map<number, Descriptor> = new Map()
  /** Every socket and connection there was, newest last: packets of an old one are still its own. */
  readonly sockets: DrillSocket[] = []
  /** The socket under test: packets without ports are its. */
  current: DrillSocket | null = null
  #nextPeerPort = FIRST_PEER_PORT
  /** Flow labels of the stack, by the script's. */
  readonly #flowLabels = new Map<number, number>()

  constructor(addresses: DrillAddresses, family: number, tolerance: number, system: DrillSystem) {
    this.addresses = addresses
    this.family = family
    this.tolerance = tolerance
    this.system = system
  }

  /** Microseconds on the clock. */
  get now(): number {
    return this.system.now
  }

  /** Closes what the script has left open, and the system. */
  close(): void {
    for (const { endpoint } of this.sockets) endpoint?.close()
    this.system.close()
  }

  /** The socket that the script's descriptor is open on; null where it is open on none. */
  openSocket(fd: number): DrillSocket | null {
    const descriptor = this.descriptors.get(fd)
    return descriptor?.kind === 'socket' && descriptor.endpoint !== null && !descriptor.closed ? descriptor : null
  }

  /** Lets the system finish what it has to do at this instant. */
  settle(): void {
    this.system.settle()
    if (this.system.realTime) for (const socket of this.sockets) socket.look()
  }

  add(socket: DrillSocket): DrillSocket {
    this.sockets.push(socket)
    this.current = socket
    return socket
  }

  /** `socket` has begun a connection: its packets are now those of the script, and their numbers are new ones. */
  beginConnection(socket: DrillSocket): void {
    this.current = socket
    this.learnLocalPort(socket)
    socket.connecting = socket.protocol === 'tcp'
    socket.localIsnKnown = false
    socket.remoteIsnKnown = false
  }

  peerPort(): number {
    return this.#nextPeerPort++
  }

  /** The address of the peer's side of `socket`. */
  peerAddress(socket: DrillSocket): SocketAddress {
    return socketAddress(this.addresses.remote, socket.remotePort, socket)
  }

  /** What `socket` is bound to. */
  bindAddress(socket: DrillSocket): SocketAddress {
    return socketAddress(this.addresses.local, this.addresses.bindPort, socket)
  }

  /** Asks the stack for the local port of a socket, once it may have one. */
  learnLocalPort(socket: DrillSocket): void {
    const address = new SocketAddress()
    if (socket.endpoint !== null && socket.endpoint.localAddress(address) === 0 && address.port !== 0) {
      socket.localPort = address.port
    }
  }

  /**
   * The connection that an inbound packet is for: that of its ports, if it names them; a new one if the socket under test
   * listens; else the one under test. Where there is none, it is for nobody, and one is made for it.
   */
  receiverOf(protocol: 'tcp' | 'udp' | 'other', ports: Ports | null): DrillSocket {
    if (ports !== null) {
      const known = this.#find(protocol, ports.destination, ports.source)
      if (known !== null) {
        this.current = known
        return known
      }
      return this.add(this.#flow(protocol, ports.destination, ports.source))
    }
    const current = this.current
    if (current === null) return this.add(this.#flow(protocol, this.addresses.bindPort, this.peerPort()))
    if (current.listening) return this.add(this.#flow(protocol, current.localPort, this.peerPort()))
    if (current.localPort === 0) this.learnLocalPort(current)
    if (current.localPort === 0) current.localPort = this.addresses.bindPort
    if (current.remotePort === 0) current.remotePort = this.peerPort()
    return current
  }

  /** The connection that an expected packet is of: that of its ports, else the one under test. */
  senderOf(ports: Ports | null): DrillSocket | null {
    if (ports === null) return this.current
    return this.#find(null, ports.source, ports.destination)
  }

  /** Whether a packet of the stack, its ports and numbers as on the wire, belongs to `socket`. */
  owns(socket: DrillSocket, seen: SeenPacket): boolean {
    const transport = seen.transport
    // Those go to groups of neighbours.
    if (transport.protocol === 'icmp' && isHousekeeping(transport.version, transport.type)) return true
    if (!seen.destination.equals(this.addresses.remote)) return false
    if (transport.protocol === 'icmp') return true
    if (transport.protocol !== socket.protocol || transport.ports === null) return false
    if (socket.localPort === 0) this.learnLocalPort(socket)
    const { source, destination } = transport.ports
    return source === socket.localPort && (destination === socket.remotePort || socket.remotePort === 0)
  }

  /**
   * The stack's flow label stands for the script's. What is wrong with that, in words, or null: the same label of the script
   * is the same on the wire, and another is another.
   */
  learnFlowLabel(script: number, live: number): string | null {
    const before = this.#flowLabels.get(script)
    if (before !== undefined && before !== live) return `flow label: 0x${script.toString(16)} has changed on the wire`
    for (const [other, value] of this.#flowLabels) {
      if (other !== script && value === live) {
        return `flow label: 0x${script.toString(16)} is 0x${other.toString(16)} on the wire`
      }
    }
    this.#flowLabels.set(script, live)
    return null
  }

  /** A connection that was accepted: its socket, by the peer's port. */
  acceptedFrom(listener: DrillSocket, remotePort: number): DrillSocket {
    return (
      this.#find('tcp', listener.localPort, remotePort) ?? this.add(this.#flow('tcp', listener.localPort, remotePort))
    )
  }

  #flow(protocol: 'tcp' | 'udp' | 'other', localPort: number, remotePort: number): DrillSocket {
    const socket = new DrillSocket(protocol)
    socket.localPort = localPort
    socket.remotePort = remotePort
    return socket
  }

  #find(protocol: 'tcp' | 'udp' | 'other' | null, localPort: number, remotePort: number): DrillSocket | null {
    for (let i = this.sockets.length - 1; i >= 0; i--) {
      const socket = this.sockets[i] as DrillSocket
      if (protocol !== null && socket.protocol !== protocol) continue
      if (!socket.listening && socket.localPort === localPort && socket.remotePort === remotePort) return socket
    }
    return null
  }
}

/** An address as a socket of that family has it: an IPv4 address is a mapped one to a socket of AF_INET6. */
function socketAddress(ip: IpAddress, port: number, { family }: DrillSocket): SocketAddress {
  return new SocketAddress(ip.isV4 && family === AF_INET ? AF_INET : AF_INET6, ip.copy(), port)
}

/** What a DrillSocket calls the protocol of a socket. */
export function drillProtocol(type: number, protocol: number): 'tcp' | 'udp' | 'other' {
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6 || protocol === IPPROTO_RAW) return 'other'
  return type === 1 ? 'tcp' : type === 2 ? 'udp' : 'other'
}
