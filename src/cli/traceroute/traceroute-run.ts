// Read first: traceroute(8).

import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { type ProbeAnswer, probe, type TracerouteMethod } from './traceroute-probe.ts'

export interface TracerouteOptions {
  readonly method: TracerouteMethod
  /** The first port of UDP, the only one of others, the first sequence number of ICMP. */
  readonly port: number
  readonly firstHop: number
  readonly maxHops: number
  /** Probes of a hop. */
  readonly queries: number
  /** How many may be under way at once. */
  readonly simultaneous: number
  readonly size: number
  readonly wait: number
  readonly dontFragment: boolean
  readonly source: SocketAddress | null
}

/** A hop of the way: its number, and what came of each probe. */
export interface Hop {
  readonly hops: number
  readonly answers: readonly (ProbeAnswer | null)[]
}

/**
 * The routers on the way to `target` over any provider, one after the other, and the target in the end. Probes of several hops are
 * under way at once.
 *
 * ```ts
 * for await (const { hops, answers } of traceroute(provider, target, options)) {
 *   console.log(hops, answers[0]?.from.address ?? '*')
 * }
 * ```
 */
export async function* traceroute(
  provider: Provider,
  target: SocketAddress,
  options: TracerouteOptions,
): AsyncGenerator<Hop, void, void> {
  const { method, port, firstHop, maxHops, queries, simultaneous } = options
  const total = (maxHops - firstHop + 1) * queries
  const probes: Promise<ProbeAnswer | null>[] = []
  let over = false
  const start = (): void => {
    const sequence = probes.length
    if (over || sequence === total) return
    const under = probe(provider, target, {
      ...options,
      hops: firstHop + Math.floor(sequence / queries),
      port: method === 'udp' || method === 'icmp' ? (port + sequence) & 0xffff : port,
    })
    // Whoever waits for it hears of it; nobody waits for those beyond the target.
    under.then(start, () => {})
    probes.push(under)
  }
  while (probes.length < Math.min(simultaneous, total)) start()
  try {
    for (let hops = firstHop; hops <= maxHops; hops++) {
      const first = (hops - firstHop) * queries
      const answers: (ProbeAnswer | null)[] = []
      // One at a time: the last of a hop may not have begun yet.
      for (let i = 0; i < queries; i++) answers.push(await (probes[first + i] as Promise<ProbeAnswer | null>))
      yield { hops, answers }
      if (answers.some((answer) => answer?.final === true)) return
    }
  } finally {
    over = true
  }
}
