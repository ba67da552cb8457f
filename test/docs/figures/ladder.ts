// The ladder of a connection: who sent what when, and in which state each end is meanwhile.

import { Simulation } from '../../../src/sim/index.ts'
import { netstat } from '../../../src/stack/netstat.ts'
import { ACK, FIN, PSH, SYN } from '../../../src/wire/tcp.ts'
import { Recording, type Sighting } from './segments.ts'
import { line, n, Scale, svg, text, WIDTH } from './svg.ts'

const HEIGHT = 620
const [CLIENT, SERVER] = [220, 500]
const LINE = 14

interface Change {
  readonly at: number
  readonly state: string
}

function flagsOf({ flags, length }: Sighting): string {
  const names = [
    [SYN, 'SYN'],
    [FIN, 'FIN'],
    [PSH, 'PSH'],
    [ACK, 'ACK'],
  ] as const
  const set = names.filter(([flag]) => (flags & flag) !== 0).map(([, name]) => name)
  return set.join(' ') + (length > 0 ? `, ${length} octets` : '')
}

/** A handshake, five octets there and back, and a close by the client. */
export async function ladder(): Promise<string> {
  const net = new Simulation({ seed: 1 })
  const [client, server] = [net.host('client'), net.host('server')]
  net.link(client, server, { delay: 20 })
  const recording = new Recording()
  net.capture(recording.take)
  const done: Promise<unknown>[] = []
  server.run(async (host) => {
    const listener = host.listen(80)
    const connection = await listener.accept()
    await listener.close()
    const bytes = new Uint8Array(100)
    const length = await connection.recv(bytes)
    await connection.send(bytes.subarray(0, length))
    await connection.recv(bytes)
    // It has something to do before it closes: CLOSE-WAIT lasts that long, and the FIN is acknowledged by itself.
    await host.sleep(70)
    await connection.close()
  })
  done.push(
    client.run(async (host) => {
      const socket = await host.connect('server', 80)
      await socket.send(new TextEncoder().encode('hello'))
      await socket.recv(new Uint8Array(100))
      await socket.close()
    }),
  )
  const changes = { client: [] as Change[], server: [] as Change[] }
  do {
    for (const host of [client, server]) {
      const state =
        netstat(host.stack)
          .map((entry) => entry.state)
          .at(-1) ?? 'CLOSED'
      const list = changes[host.name as 'client' | 'server']
      if (list.at(-1)?.state !== state) list.push({ at: net.now(), state })
    }
  } while (net.now() < 400 && (await net.step()))
  await Promise.all(done)
  const seen = recording.sightings()
  net.close()

  const start = (seen[0] as Sighting).at
  const end = Math.max(...seen.map(({ at }) => at))
  const y = new Scale([start - 8, end + 8], [64, HEIGHT - 30])
  // What is sent within a millisecond stands one under the other.
  const parts = [
    `<defs><marker id="ladder-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="b" d="M1 1 7 4 1 7"/></marker></defs>`,
    text(CLIENT, 22, 'client', '', 'middle'),
    text(SERVER, 22, 'server', '', 'middle'),
    line(
      [
        [CLIENT, 34],
        [CLIENT, HEIGHT - 16],
      ],
      'axis',
      1.5,
    ),
    line(
      [
        [SERVER, 34],
        [SERVER, HEIGHT - 16],
      ],
      'axis',
      1.5,
    ),
  ]
  for (const [name, x, side] of [
    ['client', CLIENT, -1],
    ['server', SERVER, 1],
  ] as const) {
    let last = 30
    for (const { at, state } of changes[name]) {
      last = Math.max(last + LINE, at < start ? 0 : y.at(at) + 4)
      parts.push(text(x + side * 12, last, state, 'c', side < 0 ? 'end' : 'start'))
    }
  }
  const lowest = { client: 0, server: 0 }
  for (const one of seen.filter(({ sent }) => sent)) {
    const heard = seen.find(
      (each) => !each.sent && each.host !== one.host && each.identification === one.identification && each.at >= one.at,
    )
    if (heard === undefined) continue
    const [from, to] = one.host === 'client' ? [CLIENT, SERVER] : [SERVER, CLIENT]
    const name = one.host as 'client' | 'server'
    const shift = Math.max(0, lowest[name] + LINE - y.at(one.at))
    lowest[name] = y.at(one.at) + shift
    const [y1, y2] = [y.at(one.at) + shift, y.at(heard.at) + shift]
    parts.push(
      `<line class="b" stroke-width="1.3" x1="${from}" y1="${n(y1)}" x2="${to}" y2="${n(y2)}" marker-end="url(#ladder-arrow)"/>`,
    )
    const angle = (Math.atan2(y2 - y1, Math.abs(to - from)) * 180) / Math.PI
    const [mx, my] = [(from + to) / 2, (y1 + y2) / 2 - 5]
    parts.push(
      `<text class="quiet" text-anchor="middle" x="${mx}" y="${n(my)}" transform="rotate(${n(to > from ? angle : -angle)} ${mx} ${n(my)})">${flagsOf(one)}</text>`,
    )
  }
  for (let at = 0; start + at <= end; at += 20) parts.push(text(8, y.at(start + at) + 4, `${at} ms`, 'quiet'))
  return svg(
    WIDTH,
    HEIGHT,
    'A connection from SYN to TIME-WAIT: each segment as an arrow through time, and the states of both ends',
    parts,
  )
}
