// Commands of terminals: those of src/cli, bundled as for the page, on hosts of a run. Time is the run's, so that each text is known whole.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { commandWords } from '../../lab/engine/command-line.ts'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { OutputEvent, RunEvents } from '../../lab/engine/run-events.ts'
import type { Scenario, ScenarioAct, ScenarioNode } from '../../lab/engine/scenario.ts'
import { bundleCommands } from '../../scripts/lab-commands.mjs'
import { twoHosts } from './two-hosts.ts'

let text = ''

beforeAll(async () => {
  text = await bundleCommands()
})

/** What a run of `acts` has told when nothing more happens, or `until`. */
async function whole(acts: readonly ScenarioAct[], more: Partial<Scenario> = {}, until = 60_000) {
  const run = new LabRun(twoHosts([], { acts, ...more }), { commands: () => text })
  await run.advance(until)
  const events = run.take()
  const capture = Buffer.from(run.capture())
  run.close()
  return { events, capture, screen: (host: string) => screen(events.output, host) }
}

/** A terminal as one reads it: what was typed, what was printed. */
function screen(output: readonly OutputEvent[], host: string): string {
  let shown = ''
  for (const { kind, text: line, open, ...event } of output) {
    if (event.host !== host || event.command === undefined) continue
    if (kind === 'started') shown += `$ ${line}\n`
    else if (kind === 'ended' || kind === 'failed' || kind === 'stopped')
      shown += line === '' && kind === 'ended' ? '' : `[${kind} ${line}]\n`
    else shown += open ? line : `${line}\n`
  }
  return shown
}

const at = (milliseconds: number, host: string, run: string) => ({ at: milliseconds, host, run })

const node = (name: string, kind: ScenarioNode['kind'], x: number): ScenarioNode => ({ name, kind, x, y: 0 })

/** A host, a router, a server; 5 ms to the router, and 20 ms beyond. */
const routed: Partial<Scenario> = {
  nodes: [node('alice', 'host', 0), node('r1', 'router', 100), node('server', 'host', 200)],
  links: [
    { between: ['alice', 'r1'], delay: 5 },
    { between: ['r1', 'server'], delay: 20 },
  ],
}

test('ping goes through a router: each answer in the time of the links, the first with that of ARP', async () => {
  const { screen, events } = await whole([at(0, 'alice', 'ping -c 3 server')], routed)
  expect(screen('alice')).toBe(`$ ping -c 3 server
PING server (10.0.2.2) 56(84) bytes of data.
64 bytes from server (10.0.2.2): icmp_seq=1 ttl=63 time=100 ms
64 bytes from server (10.0.2.2): icmp_seq=2 ttl=63 time=50.0 ms
64 bytes from server (10.0.2.2): icmp_seq=3 ttl=63 time=50.0 ms

--- server ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 2050ms
rtt min/avg/max/mdev = 50.000/66.667/100.000/23.570 ms
`)
  // The first waits for ARP, which the call has caused instead.
  const caused = events.frames.filter(({ cause }) => cause >= 0)
  expect(caused.map(({ at, text }) => [at, text.split(',')[0]])).toEqual([
    [0, 'ARP'],
    [1000, 'IP 10.0.1.1 > 10.0.2.2: ICMP echo request'],
    [2000, 'IP 10.0.1.1 > 10.0.2.2: ICMP echo request'],
  ])
  expect(events.calls[caused[1]?.cause ?? -1]).toMatchObject({ host: 'alice', program: 'ping', at: 1000 })
})

test('traceroute finds the router on the way', async () => {
  const { screen } = await whole([at(0, 'alice', 'traceroute server')], routed)
  expect(screen('alice')).toBe(`$ traceroute server
traceroute to server (10.0.2.2), 30 hops max, 60 byte packets
 1  r1 (10.0.1.2)  20.000 ms  20.000 ms  20.000 ms
 2  server (10.0.2.2)  100.000 ms  100.000 ms  100.000 ms
`)
})

test('nc listens on one host and talks from another, what is typed on both sides; netstat lists them meanwhile', async () => {
  const { screen } = await whole([
    at(0, 'bob', 'nc -l 7007'),
    at(10, 'alice', 'nc bob 7007'),
    { at: 100, host: 'alice', type: 'hello\n' },
    { at: 200, host: 'bob', type: 'who is there?\nwho' },
    { at: 300, host: 'bob', type: ' is it?\n' },
    { at: 400, host: 'alice', type: 'alice\n\x04' },
    { at: 500, host: 'alice', signal: 'SIGINT' },
    at(501, 'alice', 'netstat -tn'),
  ])
  expect(screen('alice')).toBe(`$ nc bob 7007
hello
who is there?
who is it?
alice
^C
[ended status 130]
$ netstat -tn
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      1 10.0.1.1:51128          10.0.1.2:7007           FIN-WAIT-1
`)
  expect(screen('bob')).toBe(`$ nc -l 7007
hello
who is there?
who is it?
alice
`)
})

test('a line that is not at its end is shown when its instant is: Ctrl-D sends one, and nc prints it', async () => {
  const { events, screen } = await whole([
    at(0, 'bob', 'nc -l 7007'),
    at(10, 'alice', 'nc bob 7007'),
    { at: 100, host: 'alice', type: 'name: \x04' },
    { at: 200, host: 'alice', type: 'alice\n' },
  ])
  expect(screen('bob')).toBe('$ nc -l 7007\nname: alice\n')
  const printed = events.output.filter(({ host, kind }) => host === 'bob' && kind === 'out')
  expect(printed.map((one) => [one.at, one.text, one.open ?? false])).toEqual([
    [110, 'name: ', true],
    [210, 'alice', false],
  ])
})

const nameServer = `import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
socket.bind({ address: '', port: 53 })
const query = new Uint8Array(512)
const { length, address } = await socket.recvfrom(query)
// Behind the question: its name again, A, IN, 60 seconds, 192.0.2.80.
const question = query.subarray(12, query.indexOf(0, 12) + 5)
const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 80]
const header = [query[0], query[1], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0]
await socket.sendto(Uint8Array.from([...header, ...question, ...answer]), address)
await socket.close()
`

test('dig asks a name server that a program is, by the name of its host; without one it says so', async () => {
  const { screen } = await whole([at(0, 'alice', 'dig +short @bob www.example'), at(100, 'alice', 'dig www.example')], {
    programs: [{ host: 'bob', name: 'names', source: nameServer }],
  })
  expect(screen('alice')).toBe(`$ dig +short @bob www.example
192.0.2.80
$ dig www.example
jackfield: /etc/resolv.conf names no server that is an address; write one, such as @192.0.2.53
[ended status 1]
`)
})

test.each(['lessons/programs', 'examples'])(
  'dig has an answer of %s/name-server.ts: one record of type A, and none of AAAA',
  async (folder) => {
    const source = readFileSync(new URL(`../../lab/${folder}/name-server.ts`, import.meta.url), 'utf8')
    const acts = [at(0, 'alice', 'dig @bob www.example'), at(100, 'alice', 'dig @bob www.example AAAA')]
    const { screen } = await whole([...acts, at(200, 'alice', 'dig @bob nobody.example')], {
      programs: [{ host: 'bob', name: 'names', source }],
    })
    const told = screen('alice').replaceAll(/, id: \d+/g, '')
    expect(told.match(/^(;; (->>|flags)|\w.*IN).*/gm)).toEqual([
      ';; ->>HEADER<<- opcode: QUERY, status: NOERROR',
      ';; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0',
      expect.stringMatching(/^www\.example\.\t+60\tIN\tA\t(192\.0\.2\.80|10\.0\.0\.3)$/),
      ';; ->>HEADER<<- opcode: QUERY, status: NOERROR',
      ';; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0',
      ';; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN',
      ';; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0',
    ])
  },
)

test('iperf3 measures what the link lets through, by the time of the run', async () => {
  const { screen } = await whole(
    [at(0, 'bob', 'iperf3 -s -1'), at(10, 'alice', 'iperf3 -c bob -t 1 -w 16K')],
    { links: [{ between: ['alice', 'bob'], delay: 10, rate: 1e6 }] },
    10_000,
  )
  expect(screen('bob')).toMatch(/ sec +\d+ KBytes +9[345]\d Kbits\/sec +receiver\n/)
  expect(screen('alice')).toContain('iperf Done.')
})

test('netstat lists what is open, and the tables of the host', async () => {
  const { screen } = await whole([
    at(0, 'bob', 'nc -lk 80'),
    at(0, 'alice', 'nc bob 80'),
    at(100, 'alice', 'netstat -a'),
    at(200, 'alice', 'netstat -r'),
    { at: 300, host: 'alice', signal: 'SIGTERM' },
  ])
  expect(screen('alice')).toBe(`$ nc bob 80
[ended status 143]
$ netstat -a
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      1 10.0.1.1:38747          10.0.1.2:http           FIN-WAIT-1
$ netstat -r
Destination  Gateway  Iface  Metric  Source
10.0.1.0/24  *        eth0   0       10.0.1.1
127.0.0.0/8  *        lo     0       127.0.0.1
`)
})

test('a run with commands is the same run each time, and in steps: frames, calls, what is shown', async () => {
  const acts = [
    at(0, 'bob', 'nc -lu 9'),
    at(3, 'alice', 'nc -u bob 9'),
    { at: 20, host: 'alice', type: 'x\n' },
    at(30, 'bob', 'ping -c 2 alice'),
    { at: 50, host: 'bob', signal: 'SIGINT' } as const,
  ]
  const lossy = { links: [{ between: ['alice', 'bob'] as const, delay: 10, jitter: 4, loss: 0.2 }] }
  const first = await whole(acts, lossy, 5000)
  const again = new LabRun(twoHosts([], { acts, ...lossy }), { commands: () => text })
  for (let i = 1; i <= 50; i++) await again.advance(i * 100)
  expect(Buffer.from(again.capture()).equals(first.capture)).toBe(true)
  const { calls, output } = again.take()
  again.close()
  expect({ calls, output }).toEqual({ calls: first.events.calls, output: first.events.output })
  expect(first.capture.length).toBeGreaterThan(1000)
})

test('what is typed to a command that reads nothing, or has ended, is run, but for what an interrupt has thrown away', async () => {
  const { screen } = await whole([
    at(0, 'alice', 'ping -c 1 -q bob'),
    { at: 10, host: 'alice', type: 'foo 1\n\nfoo 2\n' },
    { at: 90, host: 'alice', type: 'foo 4\n  \nfoo' },
    at(100, 'alice', 'ping -q bob'),
    { at: 110, host: 'alice', type: 'foo 3\n' },
    { at: 120, host: 'alice', signal: 'SIGINT' },
  ])
  const ran = screen('alice').match(/^\$ .*$/gm)
  expect(ran).toEqual(['$ ping -c 1 -q bob', '$ foo 1', '$ foo 2', '$ foo 4', '$ ping -q bob'])
})

test('Ctrl-C has ping sum up; what waits for its turn runs then', async () => {
  const { screen, events } = await whole([
    at(0, 'alice', 'ping -i 0.5 bob'),
    at(100, 'alice', 'jackfield netstat -i'),
    { at: 700, host: 'alice', signal: 'SIGINT' },
  ])
  expect(screen('alice')).toBe(`$ ping -i 0.5 bob
PING bob (10.0.1.2) 56(84) bytes of data.
64 bytes from bob (10.0.1.2): icmp_seq=1 ttl=64 time=40.0 ms
64 bytes from bob (10.0.1.2): icmp_seq=2 ttl=64 time=20.0 ms
^C

--- bob ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 520ms
rtt min/avg/max/mdev = 20.000/30.000/40.000/10.000 ms
$ jackfield netstat -i
Iface  Index  MTU    HWaddress          Address
lo     1      65536  -                  127.0.0.1/8
                                        ::1/128
eth0   2      1500   02:4b:e0:37:81:52  10.0.1.1/24
`)
  expect(events.output.map(({ command }) => command).at(-1)).toBe(2)
})

/** The last lines of a terminal on which one line was run. */
async function lastOf(line: string, more: readonly ScenarioAct[] = []): Promise<string> {
  const { screen } = await whole([at(0, 'alice', line), ...more])
  return screen('alice').trimEnd().split('\n').slice(-2).join('\n')
}

const flood = `import { AF_INET, SOCK_DGRAM, Socket } from 'jackfield'
import { os } from 'jackfield/os'

const socket = new Socket(os, AF_INET, SOCK_DGRAM)
for (let i = 0; i < 11; i++) await socket.sendto(new Uint8Array(1000).fill(10), { address: '10.0.1.2', port: 7 })
await socket.close()
`

test('a command that goes on at one instant without end, or prints without end, is stopped', async () => {
  expect(await lastOf('ping -f -q localhost')).toContain(
    '[stopped made 20000 calls at one instant without waiting for anything]',
  )
  const { screen } = await whole([at(0, 'bob', 'nc -lu 7')], {
    programs: [{ host: 'alice', name: 'flood', source: flood }],
  })
  expect(screen('bob')).toMatch(/\n\n\[stopped printed more than 10000 lines\]\n$/)
})

test('what a terminal has not is told in one line', async () => {
  expect(await lastOf('telnet bob')).toBe(
    'telnet: command not found; there are ping, traceroute, nc, dig, netstat, iperf3, help, clear\n[ended status 127]',
  )
  expect(await lastOf('ping bob | more')).toBe(
    '"|" does nothing here: this terminal runs one command a line\n[ended status 2]',
  )
  expect(await lastOf('ping --on tap:x bob')).toContain('ping has no --on here')
  expect(await lastOf('nc -U /run/x')).toContain('-U is for the sockets of an operating system')
  expect(await lastOf('dig +https @10.0.1.2 x')).toContain('+https needs TLS')
  expect(await lastOf('ping nobody')).toBe('jackfield: nobody: Name or service not known\n[ended status 2]')
  expect(await lastOf('ping --size x bob')).toContain("option '-s, --size <octets>' argument 'x' is invalid")
  expect(await lastOf('netstat /run/x')).toContain('"/run/x" cannot be asked')
  expect(await lastOf('help')).toContain('clear       an empty terminal')
  expect(await lastOf('ping --help')).not.toContain('--capture')
})

test('a crash ends the command and what waits behind it; a host that is down runs nothing', async () => {
  const { screen } = await whole([
    at(0, 'alice', 'ping bob'),
    at(0, 'alice', 'help'),
    { at: 10, host: 'alice', crash: true },
    at(20, 'alice', 'ping bob'),
    { at: 30, host: 'alice', type: 'nobody reads this\n' },
    { at: 40, host: 'alice', restart: true },
    at(50, 'alice', 'ping -c 1 -q bob'),
  ])
  expect(screen('alice')).toBe(`$ ping bob
PING bob (10.0.1.2) 56(84) bytes of data.
[stopped its host has crashed]
$ ping bob
the host has crashed
[ended status 2]
$ ping -c 1 -q bob
PING bob (10.0.1.2) 56(84) bytes of data.

--- bob ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 40ms
rtt min/avg/max/mdev = 40.000/40.000/40.000/0.000 ms
`)
})

test('without the commands themselves each fails, and says so', async () => {
  const run = new LabRun(twoHosts([], { acts: [at(0, 'alice', 'ping bob')] }))
  await run.advance(10)
  const last = run.take().output.at(-1)
  expect([last?.kind, last?.text]).toEqual(['failed', 'the commands of the terminal could not be loaded'])
})

test('words of a line are parted by blanks and kept together by quotes', () => {
  expect(commandWords(`nc  -v 'a b'"c \\" d"\\ e # not this`)).toEqual(['nc', '-v', 'a bc " d e'])
  expect(commandWords("x ''")).toEqual(['x', ''])
  for (const [line, why] of [
    ["nc 'a", "the quote ' is not closed"],
    ['nc \\', 'nothing stands behind the backslash'],
    ['a; b', '";" does nothing here: this terminal runs one command a line'],
    ['# nothing', 'there is no command on this line'],
  ] as const) {
    expect(() => commandWords(line)).toThrow(why)
  }
})

test('what came of a run with commands is data alone: it can be sent to a page', async () => {
  const { events } = await whole([at(0, 'alice', 'ping -c 1 bob')])
  const copy: RunEvents = structuredClone(events)
  expect(copy).toEqual(events)
})
