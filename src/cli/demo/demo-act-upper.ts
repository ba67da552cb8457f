import { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } from '../../base/constants.ts'
import { trace } from '../../socket/trace/trace.ts'
import { upperTcpClient } from '../programs/upper-tcp-client.ts'
import { upperTcpServer } from '../programs/upper-tcp-server.ts'
import { upperUdpClient } from '../programs/upper-udp-client.ts'
import { upperUdpServer } from '../programs/upper-udp-server.ts'
import { type Act, newSocket, ownFrames, plural, socketsAt, upperOutcome } from './demo-act.ts'
import type { SeenFrame } from './demo-stage.ts'

const PORT = 12000
const ETHERNET_HEADER = 14

/** The last is longer than the server's link takes. */
const DATAGRAMS = ['hello', 'sent whole or not at all', 'nobody promises that it arrives '.repeat(45).trimEnd()]
/** A few short lines, and one that takes several segments. */
const LINES = ['hello', 'a stream has no blocks', 'the quick brown fox jumps over the lazy dog '.repeat(300)]
const MORE_LINES = ['the same server', 'on the same port']

export const upperUdp: Act = {
  id: 'E1',
  name: 'upper-case over UDP',
  introduction:
    'Each line is one datagram, and so is each answer. No handshake, no state, no acknowledgement: what is lost is for the ' +
    'program to notice. Every frame is told on each link: the router passes packets on. Octets: Ethernet 14 + IP 20 + UDP 8 + ' +
    'data + padding (p) + frame check sequence 4.',
  hops: true,
  async run(stage) {
    const { client, server, addresses } = stage.network
    const fresh = await newSocket(stage, client.stack, AF_INET, SOCK_DGRAM)
    const [, [answers, bound]] = await stage.play(
      (signal) => upperUdpServer(server.stack, stage.voice('server'), signal),
      async () => {
        const there = { address: addresses.server, port: PORT }
        const answered = await upperUdpClient(client.stack, there, DATAGRAMS, stage.voice('client'))
        return [answered, socketsAt(server.stack, PORT)[0]?.localAddress] as const
      },
    )
    const first = ownFrames(stage, 'client').find(({ frame }) => frame.protocol === 'UDP')
    const passed = stage.sentFrames.find(({ forwarded }) => forwarded)
    if (first !== undefined) {
      const port = first.frame.ports[0]
      stage.remark(
        'socket() gives the client a port.',
        `a new socket has port ${fresh.port}; the first sendto() took ${port}.`,
      )
    }
    if (bound !== undefined) {
      stage.remark(
        'bind("") is localhost.',
        `the server's socket is at ${bound}, every address it has: it was reached at ${addresses.server}.`,
      )
    }
    if (first !== undefined && passed !== undefined) {
      stage.remark(
        'a packet is addressed to the next hop.',
        `the frame is: first to ${first.frame.to} (the ${first.to}), then to ${passed.frame.to} (the ${passed.to}). The packet ` +
          `in it goes from ${passed.frame.sourceAddress} to ${passed.frame.destinationAddress} all the way, its time to live ` +
          `counted down from ${first.frame.ttl} to ${passed.frame.ttl}.`,
      )
    }
    const fragments = stage.sentFrames.filter(({ frame }) => frame.protocol === 'fragment')
    const told = stage.sentFrames.find(({ frame }) => frame.line.includes('need to frag'))
    if (told !== undefined) {
      const line = /unreachable.*\)/.exec(told.frame.line)?.[0] ?? ''
      const whole = Math.max(...ownFrames(stage, 'client').map(({ bytes }) => bytes.length - ETHERNET_HEADER))
      stage.remark(
        'what leaves the sender fits all the way.',
        `the ${told.host} threw a packet of ${whole} octets away: "${line}". Nothing tells the program. The next try went ` +
          `in pieces, ${plural(fragments.filter(({ host }) => host === 'client').length, 'later fragment')} by the client.`,
      )
    }
    const outcome = upperOutcome(DATAGRAMS, answers)
    return { ...outcome, text: `${outcome.text}, ${plural(fragments.length, 'later fragment')}` }
  },
}

export const upperTcp: Act = {
  id: 'E2',
  name: 'upper-case over TCP',
  introduction:
    'A connection: SYN, SYN-ACK, ACK, then a stream of octets both ways, all of it acknowledged, and a FIN each way. Sequence ' +
    'numbers are told from the start of each side. One server for both families: the client calls by IPv4, the second by IPv6. ' +
    'What the router only passes on is not told again. Octets: Ethernet 14 + IP 20 or 40 + TCP 20 and options + data + frame ' +
    'check sequence 4.',
  hops: false,
  async run(stage) {
    const { client, second, server, addresses } = stage.network
    const fresh = await newSocket(stage, client.stack, AF_INET, SOCK_STREAM)
    stage.remark(
      'socket() establishes a connection.',
      `${plural(fresh.frames, 'frame')} sent by it, ${plural(fresh.shown, 'socket')} in the list; connect() comes next.`,
    )
    const counted = { sends: 0, reads: 0 }
    const counting = trace(client.stack, (line) => {
      if (line.startsWith('sendto')) counted.sends++
      else if (/^recvfrom.* = [1-9]/.test(line)) counted.reads++
    })
    const [, [answers, more]] = await stage.play(
      (signal) => upperTcpServer(server.stack, stage.voice('server'), signal, AF_INET6),
      async () => {
        const [there, there6] = [addresses.server, addresses.server6].map((address) => ({ address, port: PORT }))
        if (there === undefined || there6 === undefined) throw new Error('the server has no address')
        const first = await upperTcpClient(counting, there, LINES, stage.voice('client'))
        return [first, await upperTcpClient(second.stack, there6, MORE_LINES, stage.voice('second'))] as const
      },
    )
    const segments = ownFrames(stage, 'server').flatMap(({ frame: { segment } }) => segment ?? [])
    const ports = [...new Set(segments.map(({ source }) => source.replace(/.*:/, '')))]
    stage.remark(
      'accept() gives the connection a new port of the server.',
      `${plural(segments.length, 'segment')} of the server in both connections, all from port ${ports.join(' and ')}. ` +
        'The pair of both ends tells connections apart (RFC 9293 section 3.4).',
    )
    remarkOnHandshake(stage.sentFrames, stage.remark.bind(stage))
    stage.remark(
      'what is sent in blocks arrives in blocks.',
      `the client's ${plural(counted.sends, 'send')} came back in ${plural(counted.reads, 'read')}.`,
    )
    const outcome = upperOutcome([...LINES, ...MORE_LINES], [...answers, ...more])
    return outcome.ok && (ports.length !== 1 || ports[0] !== String(PORT))
      ? { ok: false, text: `${outcome.text}, but the server left port ${PORT}` }
      : outcome
  },
}

function remarkOnHandshake(frames: readonly SeenFrame[], remark: (said: string, seen: string) => void): void {
  const of = (flags: string) => frames.find(({ frame }) => frame.segment?.flags === flags)?.frame.segment
  const [syn, answer] = [of('SYN'), of('SYN-ACK')]
  if (!syn || !answer) return
  remark(
    'sequence numbers begin at 0 on both sides.',
    `the client began at ${syn.seq}, the server at ${answer.seq}: nobody shall guess them (RFC 6528).`,
  )
  remark(
    'the handshake negotiates addresses, ports and timers.',
    `the SYN tells sequence number, window ${syn.window} and options (${syn.options.join(', ')}). Addresses and ports are in ` +
      'every segment; timers are each side’s own.',
  )
}
