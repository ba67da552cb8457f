import type { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { Cable, type CableEnd } from '../../device/cable.ts'
import type { Device } from '../../device/device.ts'
import type { Impairment, ImpairOptions } from '../../device/impairment.ts'
import { Switch } from '../../device/switch.ts'
import { Stack } from '../../stack/stack.ts'
import { DemoHost, type HostName, type Tap } from './demo-host.ts'

/** One way, in milliseconds: from a client to the switch, and from the router to the server. */
const NEAR = 2
const FAR = 3
/** Smaller than that of the clients' link: somebody has to tell them. */
const FAR_MTU = 1400

/** Where everybody is, in both families. */
export interface DemoAddresses {
  readonly client: string
  readonly client6: string
  readonly second: string
  readonly second6: string
  /** The router's on the clients' link, and on the server's. */
  readonly near: string
  readonly near6: string
  readonly far: string
  readonly far6: string
  readonly server: string
  readonly server6: string
}

/** The first three octets of the two networks. */
export const NETWORKS: readonly [string, string] = ['10.0.1', '10.0.2']

export function demoAddresses([near, far]: readonly [string, string]): DemoAddresses {
  return {
    client: `${near}.10`,
    client6: '2001:db8:1::10',
    second: `${near}.11`,
    second6: '2001:db8:1::11',
    near: `${near}.1`,
    near6: '2001:db8:1::1',
    far: `${far}.1`,
    far6: '2001:db8:2::1',
    server: `${far}.20`,
    server6: '2001:db8:2::20',
  }
}

export interface DemoNetworkOptions {
  readonly clock: ManualClock
  readonly seed: number
  /** Holds for both directions; its `out` for what the clients send, its `in` for what the server sends. */
  readonly impairment: ImpairOptions
  readonly addresses: DemoAddresses
}

/** One end of a cable that damaged frames may reach. */
interface Watched {
  readonly name: string
  readonly end: CableEnd
}

/**
 * Two clients and a router on a switch, and beyond the router a server, on a cable that takes smaller packets. Frames have
 * padding and a frame check sequence. A packet from a client to the server takes 5 ms.
 */
export class DemoNetwork {
  readonly addresses: DemoAddresses
  readonly client: DemoHost
  readonly second: DemoHost
  readonly router: DemoHost
  readonly server: DemoHost
  readonly #lan: Switch
  readonly #watched: Watched[] = []

  constructor({ clock, seed, impairment, addresses }: DemoNetworkOptions, tap: Tap) {
    const { in: inward = {}, out: outward = {}, seed: _seed, split: _split, ...both } = impairment
    this.addresses = addresses
    this.#lan = new Switch({ clock, name: 'switch' })
    const far = new Cable({ delay: FAR, mtu: FAR_MTU, names: ['router.eth1', 'server.eth0'] })
    const host = (name: HostName, number: number, impaired: Impairment) => {
      const random = new SeededRandom(4 * seed + number)
      const stack = new Stack({ clock, random, forwarding: name === 'router' })
      return new DemoHost(name, stack, 4 * seed + number, impaired, tap)
    }
    const bad = { ...both, ...outward }
    this.client = host('client', 0, bad)
    this.second = host('second', 1, bad)
    this.router = host('router', 2, {})
    this.server = host('server', 3, { ...both, ...inward })
    const { client, client6, second, second6, near, near6, far: beyond, far6, server, server6 } = addresses
    this.client.attach('eth0', this.#plugged('client'), [`${client}/24`, `${client6}/64`])
    this.second.attach('eth0', this.#plugged('second'), [`${second}/24`, `${second6}/64`])
    this.router.attach('eth0', this.#lan.port('router.eth0'), [`${near}/24`, `${near6}/64`])
    this.router.attach('eth1', far.left, [`${beyond}/24`, `${far6}/64`])
    this.server.attach('eth0', far.right, [`${server}/24`, `${server6}/64`])
    this.#watched.push({ name: 'router', end: far.left }, { name: 'server', end: far.right })
    for (const { stack } of [this.client, this.second]) addDefaults(stack, near, near6)
    addDefaults(this.server.stack, beyond, far6)
  }

  #plugged(name: string): Device {
    const cable = new Cable({ delay: NEAR, names: [`${name}.eth0`, `switch.${name}`] })
    this.#lan.plug(cable.right)
    this.#watched.push({ name, end: cable.left }, { name: 'switch', end: cable.right })
    return cable.left
  }

  get hosts(): readonly DemoHost[] {
    return [this.client, this.second, this.router, this.server]
  }

  /** Frames that reached each host, or the switch, and were dropped there, their frame check sequence being wrong. */
  get damaged(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { name, end } of this.#watched) counts.set(name, (counts.get(name) ?? 0) + end.received.badFrameCheck)
    return counts
  }

  /** TCP connections of all hosts, those in TIME-WAIT included. */
  get connections(): number {
    return this.hosts.reduce((sum, { stack }) => sum + stack.tcp.connections.count, 0)
  }

  close(): void {
    for (const { stack } of this.hosts) stack.close()
    this.#lan.close()
  }
}

function addDefaults(stack: Stack, via: string, via6: string): void {
  stack.addRoute('default', { via })
  stack.addRoute('default', { via: via6 })
}
