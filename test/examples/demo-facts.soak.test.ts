// What the demonstration tells is what has happened: held against the frames of its own capture, read by themselves.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeLayers } from '../../src/wire/describe.ts'
import type { DescribedLayer } from '../../src/wire/describe-layer.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { COMMAND } from '../interop/served.ts'
import { SOAKING } from '../soak.ts'

interface Told {
  readonly text: string
  /** Each captured frame: the link that sent it, and its layers. */
  readonly frames: readonly { readonly link: string; readonly layers: readonly DescribedLayer[] }[]
}

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-facts-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function demo(...args: string[]): Told {
  const options = { encoding: 'utf8', timeout: 60_000, cwd: folder } as const
  const { status, stdout, stderr } = spawnSync(COMMAND, ['demo', '--on', 'stack', ...args], options)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const { interfaces, packets } = readPcapng(readFileSync(join(folder, 'jackfield-demo.pcapng')))
  const frames = packets.map(({ interface: link, bytes }) => {
    return { link: interfaces[link]?.name ?? '', layers: describeLayers(bytes, 0, bytes.length, 'ethernet') }
  })
  return { text: stdout, frames }
}

function field(layers: readonly DescribedLayer[], layer: string, name: string): string | undefined {
  return layers.find((one) => one.layer === layer)?.fields.find((one) => one.name === name)?.value
}

/** The values of a field in all frames that a link has sent, in order. */
function values({ frames }: Told, link: string, layer: string, name: string): string[] {
  return frames.filter((frame) => frame.link === link).flatMap(({ layers }) => field(layers, layer, name) ?? [])
}

/** The groups of the only place in the text, line breaks of paragraphs aside, where `pattern` is. */
function said({ text }: Told, pattern: RegExp): string[] {
  const found = [...text.replace(/\n {10,}/g, ' ').matchAll(new RegExp(pattern, 'g'))]
  expect(found).toHaveLength(1)
  return (found[0] as unknown as string[]).slice(1)
}

const RUNS = [
  ['1', '10.0.1', '10.0.2'],
  ['22', '192.168.77', '172.16.5'],
  ['333', '10.200.100', '10.100.200'],
] as const

// In npm test networks that are not the usual ones.
describe.each(SOAKING ? RUNS : RUNS.slice(1, 2))('seed %s on %s and %s', (seed, near, far) => {
  const run = (act: string, loss = '0%') => demo(act, '--seed', seed, '--networks', `${near},${far}`, '--loss', loss)

  test('E1: ports, addresses, hardware addresses, times to live, the path MTU and fragments are those of the frames', () => {
    const told = run('E1')
    const [port] = values(told, 'client.eth0', 'UDP', 'source port')
    expect(said(told, /sendto\(\) has chosen a port: (\d+)/)).toEqual([port])
    const [one, two, source, destination, high, low] = said(
      told,
      /first to (\S+) \(the router\), then to (\S+) \(the server\)\. The packet in it goes from (\S+) to (\S+) all the way, its time to live counted down from (\d+) to (\d+)/,
    )
    expect([source, destination]).toEqual([`${near}.10`, `${far}.20`])
    const packets = (link: string) =>
      told.frames.filter((frame) => frame.link === link && field(frame.layers, 'UDP', 'destination port') === '12000')
    const [left, passed] = [packets('client.eth0')[0]?.layers ?? [], packets('router.eth1')[0]?.layers ?? []]
    expect([one, two]).toEqual([left, passed].map((layers) => field(layers, 'Ethernet', 'destination')))
    expect([high, low]).toEqual([left, passed].map((layers) => field(layers, 'IPv4', 'time to live')))
    const [size, mtu, pieces] = said(
      told,
      /threw a packet of (\d+) octets away: "unreachable - need to frag \(mtu (\d+)\)".* in pieces, (\d+) later fragment/,
    )
    expect([mtu]).toEqual(values(told, 'router.eth0', 'ICMP', 'MTU'))
    expect(values(told, 'client.eth0', 'IPv4', 'total length')).toContain(size)
    const offsets = values(told, 'client.eth0', 'IPv4', 'fragment offset').filter((offset) => offset !== '0')
    expect(pieces).toBe(String(offsets.length))
  })

  test('E2: initial sequence numbers, options and the port of the server are those of the frames', () => {
    const told = run('E2', 'loss=5%')
    const [mine, others] = said(told, /the client began at (\d+), the server at (\d+)/)
    expect(mine).toBe(values(told, 'client.eth0', 'TCP', 'sequence number')[0])
    expect(others).toBe(values(told, 'server.eth0', 'TCP', 'sequence number')[0])
    const segments = values(told, 'server.eth0', 'TCP', 'source port')
    expect(new Set(segments)).toEqual(new Set(['12000']))
    expect(said(told, /(\d+) segments of the server in both connections, all from port (\d+)/)).toEqual([
      String(segments.length),
      '12000',
    ])
    const syn = told.frames.find(({ layers }) => field(layers, 'TCP', 'flags') === 'SYN')?.layers ?? []
    const options = syn.find(({ layer }) => layer === 'TCP')?.fields.filter(({ name }) => name === 'option')
    const [window, list] = said(told, /sequence number, window (\d+) and options \((.*?)\)/)
    expect([window, list]).toEqual([field(syn, 'TCP', 'window'), options?.map(({ value }) => value).join(', ')])
  })

  test('E3: what the trace says of addresses and counts is what the frames had', () => {
    const told = run('E3')
    const [port] = values(told, 'client.eth0', 'TCP', 'source port')
    expect(told.text).toContain(`getsockname(3, {sa_family=AF_INET, sin_port=htons(${port})`)
    const data = told.frames.filter(({ link }) => link === 'server.eth0').flatMap(({ layers }) => layers)
    const octets = data.filter(({ layer }) => layer === 'data').reduce((sum, { start, end }) => sum + end - start, 0)
    expect(told.text.match(/(?<= ┃ recvfrom\(3, "HTTP.*NULL\) += )\d+$/gm)).toEqual([String(octets)])
    expect(said(told, /recvfrom\(3, "…", 102400, 0, (NULL, NULL)\)/)).toEqual(['NULL, NULL'])
  })

  test('E4: the hops are who sent the errors', () => {
    const told = run('E4')
    expect(said(told, /client ┃ 1 {2}(\S+) /)).toEqual([`${near}.1`])
    expect(said(told, /client ┃ 2 {2}(\S+) /)).toEqual([`${far}.20`])
    const errors = told.frames.filter(({ layers }) => layers.some(({ layer }) => layer === 'quoted UDP'))
    const senders = errors.map(({ link, layers }) => `${link} ${field(layers, 'IPv4', 'source address')}`)
    // The router passes the server's on.
    expect(senders).toEqual([`router.eth0 ${near}.1`, `server.eth0 ${far}.20`, `router.eth0 ${far}.20`])
  })

  test('E5, E7, E8: addresses and counts', () => {
    expect(said(run('E5'), /server\.example is (\d\S+)/)).toEqual([`${far}.20:80`])
    const positions = run('E7', 'loss=20%')
    const arrived = new Set(positions.text.match(/(?<=update )\d+(?=: x| comes)/g))
    expect(said(positions, /: (\d+) received \+ (\d+) lost/)).toEqual([String(arrived.size), String(20 - arrived.size)])
    const listing = run('E8').text
    expect(listing).toMatch(new RegExp(`^ {2}udp +0 +0 ${near}\\.10:\\d+ +${far}\\.20:5004 +ESTABLISHED`, 'm'))
    expect(listing.match(/^ {2}tcp6 .*:12000 .* ESTABLISHED/gm)).toHaveLength(3)
  })
})

test('E3: lines of the trace are whole, broken where they are too long; what neighbours ask afterwards is not told', () => {
  const { text, frames } = demo('E3', '--loss', '0%')
  expect(text).toMatch(/ ┃ connect\(3, .*\n {19}.* = -1 EINPROGRESS \(Operation now in\n {19}progress\)$/m)
  expect(text.split('\n').some((line) => line.includes(' ┃ ') && line.endsWith('…'))).toBe(false)
  const asked = frames.filter(({ layers }) => field(layers, 'ARP', 'operation')?.includes('request'))
  // Two are told, the third is a neighbour that is asked again whether it is there, after the page.
  expect(asked.length).toBeGreaterThan(2)
  expect(text.match(/ARP who-has/g)).toHaveLength(2)
})

test('E6: clients wait in the queue of the loop, and each is given to a thread or handed to a process of its own', () => {
  const { text } = demo('E6', '--loss', '0%')
  expect(text).toMatch(/server: netstat while the loop is busy\n.*\n {2}tcp +1 +5 0\.0\.0\.0:12001 .* LISTEN/)
  expect(text).toContain('1 connection stood in the queue of the loop')
  for (const kind of ['thread', 'process']) {
    const clients = [...text.matchAll(new RegExp(`${kind}: connected, (\\S+) to`, 'g'))].map(([, client]) => client)
    const handed = [...text.matchAll(new RegExp(`server ┃ (\\S+) is (?:given|handed) to ${kind} \\d+$`, 'gm'))]
    expect(handed.map(([, client]) => client).sort()).toEqual(clients.sort())
    expect(clients).toHaveLength(2)
  }
  // Threads and processes have taken none of the hosts' time: nothing was sent again, and all was over at once.
  expect(text).toMatch(/, 0 TCP segments sent again$/m)
})

test('E8: all hosts twice, and of what happens meanwhile neither frames nor states', () => {
  const { text } = demo('E8')
  expect(text.match(/^ .*: netstat .*$/gm)?.map((line) => line.trim().replace(/^\S+ +/, ''))).toEqual(
    ['while they talk', 'when the clients are done'].flatMap((when) =>
      ['server', 'client', 'second'].map((host) => `${host}: netstat ${when}`),
    ),
  )
  expect(text).not.toMatch(/──→|←──| → /)
})

test('what is often thought has what was seen beside it, where it comes up', () => {
  const { text } = demo('--loss', '0%')
  const thoughts = [...text.matchAll(/^ {10}Often thought: (.*)\n {10}Seen here: \S/gm)].map(([, thought]) => thought)
  expect(thoughts).toEqual([
    'socket() gives the client a port.',
    'bind("") is localhost.',
    'a packet is addressed to the next hop.',
    'what leaves the sender fits all the way.',
    'socket() establishes a connection.',
    'accept() gives the connection a new port of the server.',
    'sequence numbers begin at 0 on both sides.',
    'the handshake negotiates addresses, ports and timers.',
    'what is sent in blocks arrives in blocks.',
    'connect() writes address and port into the descriptor.',
    'recvfrom() on TCP tells who has sent.',
    'a server that is busy is not there for others.',
    'a port belongs to one program.',
    'a UDP socket is never established.',
  ])
})

test('no colours, and no address that is not on these networks', () => {
  const { text } = demo('--networks', '192.168.77,172.16.5')
  expect(text).not.toContain('\u001b')
  // What a trace cuts off is no address.
  const addresses = new Set(text.match(/(?<![\d.:])\d+\.\d+\.\d+\.\d+(?![\d.]|"\.)/g))
  const known = ['192.168.77.1', '192.168.77.10', '192.168.77.11', '172.16.5.1', '172.16.5.20', '0.0.0.0']
  expect([...addresses].filter((address) => !known.includes(address))).toEqual([])
})
