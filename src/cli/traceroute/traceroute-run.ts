// Read first: traceroute(8).

import type { Clock } from '../../base/clock.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { Patience, type Waits } from './traceroute-patience.ts'
import { type ProbeAnswer, type ProbeSocket, probe, type TracerouteMethod } from './traceroute-probe.ts'

export interface TracerouteOptions extends ProbeSocket {
  readonly method: TracerouteMethod
  /** The first port of UDP, the only one of others, the first sequence number of ICMP. */
  readonly port: number
  readonly firstHop: number
  readonly maxHops: number
  /** Probes of a hop. */
  readonly queries: number
  /** How many may be under way at once. */
  readonly simultaneous: number
  /** Octets of data of a probe, headers not counted. */
  readonly size: number
  /** Octets of headers: what a packet is longer than its data. */
  readonly headers: number
  readonly waits: Waits
  /** Milliseconds from a probe to the next at least. */
  readonly sendWait: number
  /** --mtu: a probe that is too long somewhere is sent again, as long as it may be, and so are those after it. */
  readonly findMtu: boolean
}

/** A hop of the way: its number, and what came of each probe. */
export interface Hop {
  readonly hops: number
  readonly answers: readonly (ProbeAnswer | null)[]
}

/** The note of a probe that is too long for a link, with how long it may be. */
const TOO_LONG = /^!F-(\d+)$/

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
  const { method, port, firstHop, maxHops, queries, simultaneous, sendWait, waits, findMtu, headers } = options
  const { clock } = provider
  const total = (maxHops - firstHop + 1) * queries
  const probes: Promise<ProbeAnswer | null>[] = []
  const patience = new Patience(clock, queries, waits)
  let { size } = options
  let nextAt = 0
  let over = false
  const once = async (sequence: number): Promise<ProbeAnswer | null> => {
    const signal = patience.begin(sequence)
    const answer = await probe(provider, target, {
      ...options,
      signal,
      size,
      hops: firstHop + Math.floor(sequence / queries),
      port: method === 'udp' || method === 'icmp' ? (port + sequence) & 0xffff : port,
    }).catch((error: unknown) => {
      patience.end(sequence, null)
      throw error
    })
    patience.end(sequence, answer?.time ?? null)
    return answer
  }
  const send = async (sequence: number): Promise<ProbeAnswer | null> => {
    if (sendWait > 0) {
      const at = Math.max(clock.now(), nextAt)
      nextAt = at + sendWait
      await until(clock, at)
      if (over) return null
    }
    let note = ''
    for (;;) {
      const answer = await once(sequence)
      const mtu = Number(findMtu ? TOO_LONG.exec(answer?.note ?? '')?.[1] : Number.NaN)
      // One that is not shorter would be sent for ever.
      if (!(mtu - headers < size && mtu > headers)) return answer === null || note === '' ? answer : { ...answer, note }
      size = mtu - headers
      note = `F=${mtu}`
    }
  }
  const start = (): void => {
    const sequence = probes.length
    if (over || sequence === total) return
    const under = send(sequence)
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

function until(clock: Clock, at: number): Promise<void> {
  if (at <= clock.now()) return Promise.resolve()
  clock.hold?.()
  const passed = new Promise<void>((resolve) => clock.alarm(resolve).set(at))
  return passed.finally(() => clock.release?.())
}
