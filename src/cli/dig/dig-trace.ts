// Read first: RFC 1034 section 5.3.3 (what a resolver does), dig(1) on +trace.

import type { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { canonicalName } from '../../services/names/domain-name.ts'
import type { Answer } from '../../services/names/exchange.ts'
import type { Message, Question } from '../../services/names/message.ts'

/** A server, by the name that its zone has for it. */
export interface TracedServer {
  readonly name: string
  readonly address: SocketAddress
}

/** What one server on the way has said. */
export interface TraceStep {
  readonly answer: Answer
  readonly time: number
  readonly server: TracedServer
}

export interface TraceQuestions {
  /** Asks servers in order; null where none answers. */
  readonly ask: (servers: readonly TracedServer[], question: Question, recursion: boolean) => Promise<TraceStep | null>
  /** The addresses of a server that nobody has told the address of; none where it has none. */
  readonly lookup: (name: string) => Promise<readonly SocketAddress[]>
  readonly port: number
  /** Which addresses can be asked. */
  readonly fits: (ip: IpAddress) => boolean
}

/** Of the servers of a zone so many are tried. */
const MOST_SERVERS = 8

/**
 * Asks `servers` who knows the root, one of those the question, and so on down to who answers it. Whoever does not lead further down is
 * the last, so that no server can have it go on for ever. Ends early where nobody answers.
 */
export async function* traceDown(
  question: Question,
  servers: readonly TracedServer[],
  questions: TraceQuestions,
): AsyncGenerator<TraceStep, boolean, void> {
  const first = await questions.ask(servers, { name: '.', type: 'NS', class: question.class }, true)
  if (first === null) return false
  yield first
  for (let zone = '', message = first.answer.message; ; ) {
    const next = await serversFor(zone, message, questions)
    if (next.length === 0) return false
    const step = await questions.ask(next, question, false)
    if (step === null) return false
    yield step
    message = step.answer.message
    const below = message.answers.length > 0 ? null : referral(question.name, zone, message)
    if (below === null) return true
    zone = below
  }
}

/** The zone that is next on the way to `name`; null where the answer leads nowhere further. The root is ''. */
function referral(name: string, zone: string, message: Message): string | null {
  const target = plain(name)
  for (const record of message.authorities) {
    const owner = plain(record.name)
    const deeper = owner.length > zone.length && isWithin(owner, zone)
    if (record.type === 'NS' && deeper && isWithin(target, owner)) return owner
  }
  return null
}

function plain(name: string): string {
  return name === '.' ? '' : canonicalName(name)
}

function isWithin(name: string, zone: string): boolean {
  return zone === '' || name === zone || name.endsWith(`.${zone}`)
}

/** Those that the answer names for the zone, with the addresses that came along, or that others know. */
async function serversFor(
  zone: string,
  { answers, authorities, additionals }: Message,
  { lookup, port, fits }: TraceQuestions,
): Promise<TracedServer[]> {
  const found: TracedServer[] = []
  const records = [...answers, ...authorities].filter(({ type, name }) => type === 'NS' && plain(name) === zone)
  for (const record of records.slice(0, MOST_SERVERS)) {
    if (record.kind !== 'name') continue
    const name = record.data
    const told = additionals.flatMap((one) =>
      one.kind === 'address' && plain(one.name) === plain(name)
        ? [SocketAddress.internet(one.data.toString(), port)]
        : [],
    )
    const addresses = told.some(({ ip }) => fits(ip)) || found.length > 0 ? told : await lookup(name)
    for (const address of addresses) if (fits(address.ip)) found.push({ name, address })
  }
  return found
}
