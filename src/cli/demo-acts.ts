import { ADDRESSES } from './demo-network.ts'
import type { SeenFrame, Stage } from './demo-stage.ts'
import { ping } from './programs/ping.ts'
import { positionReceiver } from './programs/position-receiver.ts'
import { positionSender } from './programs/position-sender.ts'
import { upperTcpClient } from './programs/upper-tcp-client.ts'
import { upperTcpServer } from './programs/upper-tcp-server.ts'
import { upperUdpClient } from './programs/upper-udp-client.ts'
import { upperUdpServer } from './programs/upper-udp-server.ts'

/** How an act went: whether all came as it must, and what came in a few words. */
export interface Outcome {
  readonly ok: boolean
  readonly text: string
}

/** One of the programs that texts on sockets walk through, and how to tell whether it did what it must. */
export interface Act {
  readonly id: string
  readonly name: string
  readonly introduction: string
  run(stage: Stage): Promise<Outcome>
}

const UPPER = { address: ADDRESSES.server, port: 12000 }
const UPDATES = { address: ADDRESSES.server, port: 5004 }

const LINES = ['hello', 'a datagram is sent whole or not at all', 'nobody promises that it arrives']
/** A few short lines, and one that takes several segments. */
const STREAM_LINES = ['hello', 'a stream has no blocks', 'the quick brown fox jumps over the lazy dog '.repeat(300)]
const PINGS = 4
const POSITIONS = 20

export const acts: readonly Act[] = [
  {
    id: 'E1',
    name: 'upper-case over UDP',
    introduction:
      'Each line is one datagram, and so is each answer. No handshake, no state, no acknowledgement: what is lost is for the ' +
      'program to notice. Octets: Ethernet 14 + IP 20 + UDP 8 + data + padding (p) + frame check sequence 4.',
    async run(stage) {
      const { client, server } = stage.network
      const [, answers] = await stage.play(
        (signal) => upperUdpServer(server.stack, stage.voice('server'), signal),
        () => upperUdpClient(client.stack, UPPER, LINES, stage.voice('client')),
      )
      return upperOutcome(LINES, answers)
    },
  },
  {
    id: 'E2',
    name: 'upper-case over TCP',
    introduction:
      'A connection: SYN, SYN-ACK, ACK, then a stream of octets both ways, all of it acknowledged, and a FIN each way. Sequence ' +
      'numbers are told from the start of each side. Octets: Ethernet 14 + IP 20 + TCP 20 and options + data + frame check ' +
      'sequence 4.',
    async run(stage) {
      const { client, server } = stage.network
      const [, answers] = await stage.play(
        (signal) => upperTcpServer(server.stack, stage.voice('server'), signal),
        () => upperTcpClient(client.stack, UPPER, STREAM_LINES, stage.voice('client')),
      )
      const outcome = upperOutcome(STREAM_LINES, answers)
      return outcome.ok && !keepsPort(stage.sentFrames)
        ? { ok: false, text: `${outcome.text}, but the server left port ${UPPER.port}` }
        : outcome
    },
  },
  {
    id: 'E4',
    name: 'ping',
    introduction:
      'A raw socket sends ICMP echo requests; the other stack answers by itself, no program there takes part. The cable takes ' +
      '5 ms each way. Octets: Ethernet 14 + IP 20 + ICMP 8 + data + frame check sequence 4.',
    async run(stage) {
      const { client } = stage.network
      const [, times] = await stage.play(
        async () => {},
        () => ping(client.stack, ADDRESSES.server, PINGS, stage.voice('client')),
      )
      const answered = times.filter((time) => time !== null).length
      const heard = stage.arrivedFrames.filter((seen) => seen.host === 'client' && echo(seen, 'reply')).length
      const asked = stage.sentFrames.filter((seen) => seen.host === 'client' && echo(seen, 'request')).length
      const lost = PINGS - answered
      const text = `${answered} of ${PINGS} answered${lost === 0 ? '' : `, ${lost} lost`}`
      return { ok: answered > 0 && asked === PINGS && answered <= heard, text }
    },
  },
  {
    id: 'E7',
    name: 'position updates over UDP',
    introduction:
      'Twenty updates, one every 20 ms, each with its number. Nothing is sent again: what the receiver sees is what the cable ' +
      'has left of them, in the order in which they come.',
    async run(stage) {
      const { client, server } = stage.network
      const [{ numbers, late }] = await stage.play(
        (signal) => positionReceiver(server.stack, stage.voice('server'), signal),
        () => positionSender(client.stack, UPDATES, POSITIONS, stage.voice('client')),
      )
      // What the receiver says is held against what the wire has carried, and what is missing against what the cable has taken.
      const left = updates(stage.sentFrames, 'client')
      const came = updates(stage.arrivedFrames, 'server')
      const missing = [...left].filter((number) => !came.has(number)).length
      const taken = stage.sentFrames.filter(({ lost }) => lost).length + client.damaged + server.damaged
      const same = numbers.length === came.size && numbers.every((number) => came.has(number) && left.has(number))
      const lost = POSITIONS - numbers.length
      const text = `${numbers.length} received + ${lost} lost = ${POSITIONS} sent, ${late} late`
      return { ok: numbers.length > 0 && same && left.size === POSITIONS && missing <= taken, text }
    },
  },
]

function upperOutcome(lines: readonly string[], answers: readonly (string | null)[]): Outcome {
  const right = lines.filter((line, i) => answers[i] === line.toUpperCase()).length
  return { ok: right === lines.length && answers.length === lines.length, text: `${right} of ${lines.length} lines` }
}

/** Whether all the server sent in its connections came from the port that it listens at. */
function keepsPort(frames: readonly SeenFrame[]): boolean {
  return frames.every(({ host, frame: { segment } }) => {
    return segment === null || host !== 'server' || segment.source === `${UPPER.address}:${UPPER.port}`
  })
}

function echo({ frame }: SeenFrame, what: 'request' | 'reply'): boolean {
  return frame.protocol === 'ICMP' && frame.line.includes(`echo ${what}`)
}

/** The numbers of the updates among the frames of a host. */
function updates(frames: readonly SeenFrame[], host: string): Set<number> {
  const numbers = new Set<number>()
  for (const { host: seenBy, frame, bytes } of frames) {
    if (seenBy !== host || frame.ports[1] !== String(UPDATES.port)) continue
    // Ethernet, IP and UDP headers are 14, 20 and 8 octets.
    numbers.add(new DataView(bytes.buffer, bytes.byteOffset).getUint32(42))
  }
  return numbers
}
