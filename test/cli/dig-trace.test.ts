// From the root down, over real servers of three zones on a stack that talks to itself.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { recordText, traceText } from '../../src/cli/dig/dig-text.ts'
import { type TracedServer, type TraceQuestions, traceDown } from '../../src/cli/dig/dig-trace.ts'
import { RealClock } from '../../src/platform/real-clock.ts'
import { secureRandom } from '../../src/platform/secure-random.ts'
import { Exchange } from '../../src/services/names/exchange.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { Zone } from '../../src/services/names/zone.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'

let stack: Stack
let servers: { close(): unknown }[] = []

beforeEach(() => {
  stack = new Stack({ clock: new RealClock(), random: secureRandom })
})
afterEach(async () => {
  for (const server of servers) await server.close()
  servers = []
  stack.close()
})

const SOA = '@ IN SOA ns h 1 7200 3600 1209600 300\n'
const ROOT = `$ORIGIN .\n$TTL 60\n${SOA}@ NS a.root\na.root A 127.0.0.11\ntest NS ns.test\nns.test A 127.0.0.12\n`
const TEST = `$ORIGIN test.\n$TTL 60\n${SOA}@ NS ns\nns A 127.0.0.12\nlab NS ns.else\n`
const LAB = `$ORIGIN lab.test.\n$TTL 60\n${SOA}@ NS ns.else.test.\nwww A 192.0.2.80\n`
/** It says of each name that somebody knows who is further up. */
const LIAR = `$ORIGIN test.\n$TTL 60\n${SOA}@ NS ns\nns A 127.0.0.12\nlab NS ns\n`

function serve(address: string, zone: string): void {
  const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
  socket.bind({ address, port: 53 })
  const datagrams = new NameServer({ resolver: null, zones: [Zone.parse(zone)] }).datagrams(socket)
  servers.push(datagrams)
  void datagrams.run()
}

const looked: string[] = []

/** What was said on the way to `name`: who, and the records; at the end whether it was found. */
async function trace(name: string): Promise<string[]> {
  looked.length = 0
  const exchange = new Exchange(stack, secureRandom, false)
  const questions: TraceQuestions = {
    ask: async ([server], question, recursionDesired) => {
      const asked = server as TracedServer
      const answer = await exchange
        .ask(asked.address, question, { timeout: 200, flags: { recursionDesired } })
        .catch(() => null)
      return answer === null ? null : { answer, time: 1, server: asked }
    },
    lookup: async (host) => {
      looked.push(host)
      return host === 'ns.else.test' ? [SocketAddress.internet('127.0.0.13', 53)] : []
    },
    port: 53,
    fits: ({ isV4 }) => isV4,
  }
  const said: string[] = []
  const first = [{ name: '127.0.0.11', address: SocketAddress.internet('127.0.0.11', 53) }]
  const steps = traceDown({ name, type: 'A', class: 1 }, first, questions)
  for (;;) {
    const { done, value } = await steps.next()
    if (done) return [...said, value ? 'found' : 'nobody']
    const { message } = value.answer
    const records = [...message.answers, ...message.authorities].map((record) => recordText(record, SECTIONS))
    said.push(`${value.server.name}: ${records.join(', ').replaceAll('\t', ' ').replaceAll(/ +/g, ' ')}`)
  }
}

const SECTIONS = { comments: true, question: true, answer: true, authority: true, additional: true, stats: true }

test('each server leads to the next, by the address that it tells, or that is looked up (RFC 1034 section 5.3.3)', async () => {
  serve('127.0.0.11', ROOT)
  serve('127.0.0.12', TEST)
  serve('127.0.0.13', LAB)
  expect(await trace('www.lab.test')).toEqual([
    '127.0.0.11: . 60 IN NS a.root.',
    'a.root: test. 60 IN NS ns.test.',
    'ns.test: lab.test. 60 IN NS ns.else.test.',
    'ns.else.test: www.lab.test. 60 IN A 192.0.2.80',
    'found',
  ])
  expect(looked).toEqual(['ns.else.test'])
})

test('a name that there is not is found not to be; a server that is silent ends it', async () => {
  serve('127.0.0.11', ROOT)
  serve('127.0.0.12', TEST)
  expect((await trace('none.test')).slice(2)).toEqual([
    'ns.test: test. 60 IN SOA ns.test. h.test. 1 7200 3600 1209600 300',
    'found',
  ])
  expect((await trace('www.lab.test')).at(-1)).toBe('nobody')
})

test('a server that leads to itself does so once: no answer but one from further down goes on', async () => {
  serve('127.0.0.11', ROOT)
  serve('127.0.0.12', LIAR)
  expect((await trace('www.lab.test')).slice(2)).toEqual([
    'ns.test: lab.test. 60 IN NS ns.test.',
    'ns.test: lab.test. 60 IN NS ns.test.',
    'found',
  ])
})

test('what each has said is told as dig tells it', async () => {
  serve('127.0.0.11', ROOT)
  const exchange = new Exchange(stack, secureRandom, false)
  const question = { name: '.', type: 'NS', class: 1 }
  const answer = await exchange.ask(SocketAddress.internet('127.0.0.11', 53), question, { timeout: 1000 })
  expect(traceText(answer, SECTIONS, 3.2, 'a.root')).toBe(
    `.\t\t\t60\tIN\tNS\ta.root.\n;; Received ${answer.bytes.length} bytes from 127.0.0.11#53(a.root) in 3 ms\n\n`,
  )
})
