import { afterEach, beforeEach, describe, test } from 'vitest'
import { AF_INET, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from '../../src/base/constants.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { type Hosts, type HostsKind, kinds } from './hosts.ts'

/** The port of a scene's server. */
export const PORT = 4242

/** Two hosts and the sockets that a case makes on them; all are closed at its end, and nothing may be left. */
export class Scene {
  readonly hosts: Hosts
  readonly #sockets: Socket[] = []

  constructor(hosts: Hosts) {
    this.hosts = hosts
  }

  /** A socket that is closed at the end. */
  keep(socket: Socket): Socket {
    this.#sockets.push(socket)
    return socket
  }

  stream(provider: Provider = this.hosts.client): Socket {
    return this.keep(new Socket(provider, this.hosts.family, SOCK_STREAM))
  }

  datagram(provider: Provider = this.hosts.client): Socket {
    return this.keep(new Socket(provider, this.hosts.family, SOCK_DGRAM))
  }

  raw(protocol: number, provider: Provider = this.hosts.client): Socket {
    return this.keep(new Socket(provider, this.hosts.family, SOCK_RAW, protocol))
  }

  /** Pulls the cable out between the hosts, or puts it back. For cases on a link. */
  plug(plugged: boolean): void {
    const { plug } = this.hosts
    if (plug === null) throw new Error('these hosts have no cable: make the case with onLink')
    plug(plugged)
  }

  /** An address on the client's link that nobody has. For cases on a link. */
  get silentAddress(): string {
    const { silentAddress } = this.hosts
    if (silentAddress === null) throw new Error('these hosts have no link: make the case with onLink')
    return silentAddress
  }

  /** Addresses of its family that no host here has. */
  get foreign(): readonly string[] {
    return this.hosts.family === AF_INET ? ['203.0.113.9'] : ['2001:db8:7::9', '::ffff:203.0.113.9']
  }

  /** Where the server is, for the client. */
  at(port: number = PORT): { address: string; port: number } {
    return { address: this.hosts.serverAddress, port }
  }

  listener(port: number = PORT, backlog?: number): Socket {
    const listener = this.stream(this.hosts.server)
    listener.bind({ address: '', port })
    listener.listen(backlog)
    return listener
  }

  async connect(port: number = PORT): Promise<Socket> {
    const client = this.stream()
    await this.hosts.drive(client.connect(this.at(port)))
    return client
  }

  async accept(listener: Socket): Promise<Socket> {
    return this.keep(await this.hosts.drive(listener.accept()))
  }

  /** A connection: [client, server]. Nobody listens any more. */
  async pair(): Promise<[Socket, Socket]> {
    const listener = this.listener()
    const client = await this.connect()
    const server = await this.accept(listener)
    await listener.close()
    return [client, server]
  }

  /** A datagram socket on the server's host with this port. */
  receiver(port: number = PORT): Socket {
    const socket = this.datagram(this.hosts.server)
    socket.bind({ address: '', port })
    return socket
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) void socket.close()
    await this.hosts.close()
  }
}

/** Makes a case where the hosts have a link between them, and none elsewhere. */
export type LinkTest = (name: string, run: () => Promise<void>) => void

/** `onLink`: for cases that need a link; `slowly`: for those about what is under way, where a handshake takes its time. */
type Cases = (scene: () => Scene, onLink: LinkTest, slowly: LinkTest) => void

/**
 * A group of cases, once for each kind of hosts. `scene()` is that of the running case; cases that need a link between two
 * hosts are made with `onLink` instead of `test`.
 */
export function berkeley(subject: string, cases: Cases): void {
  group(kinds, subject, cases)
}

/** A group of which every case needs a link between two hosts. */
export function berkeleyOnLink(subject: string, cases: Cases): void {
  const linked = kinds.filter((kind) => kind.linked)
  group(linked, subject, cases)
}

/** A group of cases about packets of IPv4 themselves. */
export function berkeleyIpv4(subject: string, cases: Cases): void {
  const ipv4 = kinds.filter((kind) => kind.family === AF_INET)
  group(ipv4, subject, cases)
}

/** A group of cases that have nothing to do with the Internet: once on a stack, once on the kernel. */
export function berkeleyOnce(subject: string, cases: Cases): void {
  const loopback = kinds.filter((kind) => kind.family === AF_INET && !kind.linked)
  const [stack] = loopback.filter((kind) => !kind.instant)
  const [kernel] = loopback.filter((kind) => kind.instant)
  group([stack as HostsKind, kernel as HostsKind], subject, cases)
}

function group(among: readonly HostsKind[], subject: string, cases: Cases): void {
  describe.each(among)(`${subject} ($name)`, ({ linked, instant, make }) => {
    let scene: Scene
    beforeEach(() => {
      scene = new Scene(make())
    })
    afterEach(() => scene.end())
    cases(() => scene, linked ? test : none, instant ? none : test)
  })
}

function none(): void {}

/** An address as people write it with its port. */
export function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/** Octets that tell their place. */
export function octets(length: number, from = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = ((from + i) * 167 + ((from + i) >>> 8)) & 255
  return bytes
}
