import {
  IPPROTO_TCP,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_MAXSEG,
  TCP_NODELAY,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import type { Device } from '../../src/device/device.ts'
import { Impair, parseImpairment } from '../../src/device/impair.ts'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { TcpConfig } from '../../src/tcp/config.ts'
import { CLOSED } from '../../src/tcp/state.ts'
import { Chance } from './chance.ts'
import { type Family, familyOf } from './family.ts'
import { connectionOf, int } from './peer.ts'

const PORT = 80

/** What a world may take until all that was sent has arrived, in events: far more than any does. */
const STEPS = 5_000_000
/**
 * Milliseconds after which a handshake is through or never will be: where all answers to SYN-ACKs were lost, the client is
 * connected to nobody.
 */
const HANDSHAKE = 600_000
/** Milliseconds after which TIME-WAIT, FIN-WAIT-2 and the last retransmissions of an orphan are over. */
const QUIET = 7_200_000

/** Where the instants and sequence numbers of 32 bits wrap. */
const STARTS = [12_345, 2 ** 31 - 20_000, 2 ** 32 - 20_000, 1.7e12 + 0.5] as const
const EDGES = [-1, 0x7fffffff, -20_000, 0x7fff0000] as const

/** Two hosts on a cable that the seed has chosen, with a connection between them. */
export class TortureWorld {
  readonly clock: ManualClock
  readonly chance: Chance
  readonly left: Stack
  readonly right: Stack
  /** What the seed has chosen, to be read by people. */
  readonly description: string
  readonly #family: Family
  readonly #listener: TcpEndpoint
  #steps = 0

  constructor(seed: number) {
    const chance = new Chance(seed * 7919 + 13)
    this.chance = chance
    this.#family = familyOf(seed)
    const { name, ours, peer } = this.#family
    this.clock = new ManualClock(chance.pick(...STARTS))
    const offloads = chance.oneIn(2)
    const cable = new Cable({ offloads, queue: chance.pick(1 << 20, 4000, 20_000) })
    const impairment = impairmentOf(chance, seed, offloads)
    const left = impairment === '' ? cable.left : new Impair(cable.left, parseImpairment(impairment))
    const configs = [configOf(chance), configOf(chance)] as const
    this.left = new Stack({ clock: this.clock, random: new SeededRandom(seed + 1), tcp: configs[0] })
    this.right = new Stack({ clock: this.clock, random: new SeededRandom(seed + 1_000_000), tcp: configs[1] })
    this.#attach(this.left, left, ours)
    this.#attach(this.right, cable.right, peer)
    for (const stack of [this.left, this.right]) if (chance.oneIn(2)) this.#wrapSoon(stack)
    this.#listener = this.#socket(this.right)
    this.description = `${name}, offloads ${offloads}, path '${impairment}', ends ${JSON.stringify(configs)}`
  }

  #attach(stack: Stack, device: Device, address: string): void {
    // Without a search for duplicates: its packets may be lost like all others, and the address is there at once.
    stack.attach(device, {
      address: `${address}/${this.#family.prefixLength}`,
      name: 'eth0',
      duplicateAddressDetection: false,
    })
  }

  /** Sequence numbers that wrap within the first kilobytes. */
  #wrapSoon(stack: Stack): void {
    const base = this.chance.pick(...EDGES) - this.chance.below(5000)
    stack.tcp.isn.initial = () => base | 0
  }

  #socket(stack: Stack): TcpEndpoint {
    const { chance } = this
    const socket = stack.socket(this.#family.family, SOCK_STREAM, 0) as TcpEndpoint // never refused
    const size = () => chance.pick(2304, 3000, 5000, 20_000, 100_000, 0)
    const receive = size()
    const send = size()
    const mss = chance.pick(0, 88, 100, 536, 1000, 0)
    if (receive > 0) socket.setOption(SOL_SOCKET, SO_RCVBUF, int(receive))
    if (send > 0) socket.setOption(SOL_SOCKET, SO_SNDBUF, int(send))
    if (mss > 0) socket.setOption(IPPROTO_TCP, TCP_MAXSEG, int(mss))
    if (chance.oneIn(2)) socket.setOption(IPPROTO_TCP, TCP_NODELAY, int(1))
    return socket
  }

  /** A connection: [client, server]. Null where the path was too bad for the handshake. */
  connect(): [TcpEndpoint, TcpEndpoint] | null {
    const listener = this.#listener
    listener.bind(SocketAddress.internet(this.#family.wildcard, PORT))
    listener.listen(5)
    const client = this.#socket(this.left)
    client.connect(SocketAddress.internet(this.#family.peer, PORT))
    for (let ms = 0; ms < HANDSHAKE && connectionOf(client).state !== CLOSED; ms += 100) {
      this.pass(100)
      const server = listener.accept(null)
      if (server instanceof TcpEndpoint) return [client, server]
    }
    client.close()
    return null
  }

  /** Lets happen what happens within `ms` milliseconds. */
  pass(ms: number): void {
    const { clock } = this
    const end = clock.now() + ms
    while (clock.nextAt() <= end) {
      clock.advanceTo(clock.nextAt())
      if (++this.#steps > STEPS) throw new Error(`more than ${STEPS} steps`)
    }
    clock.advanceTo(end)
  }

  /** The way changes: another path MTU, or for a moment none at all. */
  disturb(): void {
    const { chance } = this
    const stack = chance.pick(this.left, this.right)
    const { oursIp, peerIp, prefix, smallestMtu } = this.#family
    const other = stack === this.left ? peerIp : oursIp
    if (chance.oneIn(2)) {
      stack.pathMtus.reduce(other, smallestMtu + chance.below(1500 - smallestMtu), 1500)
      stack.pathChanged(other)
    } else {
      stack.routes.removeWhere((route) => route.interface !== stack.loopback)
      stack.tablesChanged()
      this.pass(chance.pick(0, 1, 50, 3000))
      stack.addRoute(prefix, { interface: 'eth0' })
    }
  }

  /** Closes all, waits for what goes on in the background, and says what is left that should not be. */
  end(...endpoints: readonly TcpEndpoint[]): string[] {
    for (const endpoint of endpoints) endpoint.close()
    this.#listener.close()
    this.pass(QUIET)
    const left: string[] = []
    for (const stack of [this.left, this.right]) {
      const counts = {
        connections: stack.tcp.connections.count,
        ports: stack.ports.tcp.size,
        timers: stack.time.count,
        descriptors: stack.descriptors.size,
      }
      for (const [what, count] of Object.entries(counts)) {
        if (count !== 0) left.push(`${stack === this.left ? 'left' : 'right'}: ${count} ${what}`)
      }
      stack.close()
    }
    if (this.clock.nextAt() !== Number.POSITIVE_INFINITY) left.push('something is still to happen')
    return left
  }
}

function configOf(chance: Chance): Partial<TcpConfig> {
  return {
    timestamps: chance.oneIn(2),
    sack: !chance.oneIn(3),
    windowScaling: !chance.oneIn(3),
    tailLossProbe: !chance.oneIn(4),
    ecn: chance.pick(0, 1, 2, 3),
    mtuProbing: chance.pick(0, 1, 2),
    baseMss: chance.pick(200, 1024),
    timeWait: 2000,
  }
}

function impairmentOf(chance: Chance, seed: number, offloads: boolean): string {
  const kind = chance.below(5)
  if (kind === 0) return ''
  const loss = kind === 1 ? chance.below(15) : chance.below(5)
  const settings = [
    kind === 2 ? `burst=${chance.below(3)}%/30%` : `loss=${loss}%`,
    `delay=${chance.pick(0, 1, 5, 30)}ms`,
    `jitter=${chance.pick(0, 0, 3)}ms`,
    `reorder=${chance.below(5)}%`,
    `duplicate=${chance.below(4)}%`,
    `corrupt=${offloads ? 0 : chance.below(3)}%`,
    `seed=${seed}`,
  ]
  if (chance.oneIn(2)) settings.push('split')
  if (chance.oneIn(6)) settings.push(`rate=${chance.pick(1, 10)}M`, 'queue=30000')
  return settings.join(',')
}
