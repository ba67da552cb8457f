import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'
import { COMMAND } from '../interop/served.ts'
import { SOAKING } from '../soak.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-demo-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function demo(...args: string[]) {
  const options = { encoding: 'utf8', timeout: 55_000, cwd: folder } as const
  const { status, stdout, stderr } = spawnSync(COMMAND, ['demo', ...args], options)
  return { status, stdout, stderr }
}

/** On stacks alone: simulated, and the same each time. */
function onStack(...args: string[]) {
  return demo(...args, '--on', 'stack')
}

let told: ReturnType<typeof demo> | null = null

/** What all programs tell where nothing is said: it takes two seconds, and is the same each time. */
function usual(): ReturnType<typeof demo> {
  told ??= onStack()
  return told
}

const VERDICTS = [
  /^E1 ok upper-case over UDP: 3 of 3 lines, \d+ later fragments$/,
  /^E2 ok upper-case over TCP: 5 of 5 lines$/,
  /^E3 ok a web page, traced: HTTP\/1\.1 200 OK, \d+ calls$/,
  /^E4 ok ping: [1-6] of 6 answered(, \d lost)?, 2 hops$/,
  /^E5 ok a DNS lookup: 2 addresses of server\.example, \d+ questions$/,
  /^E6 ok a server for many clients: 16 of 16 lines$/,
  /^E7 ok position updates over UDP: \d+ received \+ \d+ lost = 20 sent, \d+ late$/,
  /^E8 ok netstat: \d+ sockets on three hosts, 4 at port 12000$/,
]

/** Process numbers are the machine's. */
function withoutProcesses(text: string): string {
  return text.replace(/process \d+$/gm, 'process N')
}

describe('jackfield demo --check', () => {
  test('one line for each program, and status 0', () => {
    const { status, stdout, stderr } = onStack('--check')
    const lines = stdout.split('\n')
    expect(lines).toEqual([...VERDICTS.map((verdict) => expect.stringMatching(verdict)), ''])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  test('where everything is lost every program has FAILED, and the status is 1', () => {
    const { status, stdout, stderr } = onStack('--check', '--loss', '100%')
    expect(stdout.split('\n')).toEqual([
      'E1 FAILED upper-case over UDP: 0 of 3 lines, 0 later fragments',
      'E2 FAILED upper-case over TCP: connect EHOSTUNREACH 10.0.2.20:12000',
      'E3 FAILED a web page, traced: 10.0.2.20 cannot be reached',
      // What is unreachable ends the way at the first hop.
      'E4 FAILED ping: 0 of 6 answered, 6 lost, 1 hop',
      'E5 FAILED a DNS lookup: getaddrinfo EAI_AGAIN server.example: Temporary failure in name resolution',
      'E6 FAILED a server for many clients: connect EHOSTUNREACH 10.0.2.20:12001',
      'E7 FAILED position updates over UDP: 0 received + 20 lost = 20 sent, 0 late',
      'E8 FAILED netstat: connect EHOSTUNREACH 2001:db8:2::20:12000',
      '',
    ])
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  })

  const bad = ['corrupt=100%', 'rate=10', ...(SOAKING ? ['in.loss=100%', 'delay=5s', 'loss=70%'] : [])]
  test.each(bad)('comes to an end with a cable as bad as %s', (loss) => {
    const { status, stdout } = onStack('--check', '--loss', loss)
    expect(stdout.trim().split('\n')).toHaveLength(8)
    expect(status).toBe(1)
  })

  test.each([
    ['E4', 'in.loss=85%', '2', 'E4 FAILED ping: 0 of 6 answered, 6 lost, 8 hops\n', 8, 4],
    [
      'E7',
      'out.loss=97%',
      '4',
      'E7 FAILED position updates over UDP: 0 received + 20 lost = 20 sent, 0 late\n',
      -1,
      20,
    ],
  ])('%s has FAILED where nothing arrives, though all was sent', (id, loss, seed, verdict, icmpType, count) => {
    const { status, stdout } = onStack(id, '--check', '--loss', loss, '--seed', seed)
    expect({ status, stdout }).toEqual({ status: 1, stdout: verdict })
    // Echo requests of the client, or whatever of it is UDP.
    const { packets } = readPcapng(readFileSync(join(folder, 'jackfield-demo.pcapng')))
    const sent = packets.filter(({ interface: link, bytes }) => {
      if (link !== 0 || bytes[12] !== 8 || bytes[13] !== 0) return false
      return icmpType < 0 ? bytes[23] === 17 : bytes[23] === 1 && bytes[34] === icmpType
    })
    expect(sent).toHaveLength(count)
  })

  test('without faults nothing is lost', () => {
    const { status, stdout } = onStack('E4', 'E7', '--check', '--loss', '0%')
    expect(stdout).toContain('E4 ok ping: 6 of 6 answered, 2 hops\n')
    expect(stdout).toContain('20 received + 0 lost = 20 sent, 0 late\n')
    expect(status).toBe(0)
  })

  test('duplicates are neither answered twice nor counted twice', () => {
    const { status, stdout } = onStack('E2', 'E7', '--check', '--loss', 'duplicate=100%')
    expect(stdout).toContain('20 received + 0 lost = 20 sent, 0 late\n')
    expect(status).toBe(0)
  })

  test('the programs to run can be named', () => {
    const { status, stdout } = onStack('e7', 'E1', '--check')
    expect(stdout).toMatch(/^E7 ok [^\n]+\nE1 ok [^\n]+\n$/)
    expect(status).toBe(0)
  })
})

describe('jackfield demo', () => {
  test('tells faults, how they are mended, and states on the way', () => {
    const { status, stdout, stderr } = usual()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    // Layers, with padding and frame check sequence.
    expect(stdout).toMatch(/ARP who-has 10\.0\.1\.1 tell 10\.0\.1\.10 +14\+28\+18p\+4 = 64$/m)
    expect(stdout).toMatch(/SYN-ACK seq 0 ack 1 win \d+ +14\+20\+40\+4 = 78$/m)
    expect(stdout).toMatch(/SYN-ACK seq 0 ack 1 win \d+ +14\+40\+40\+4 = 98$/m)
    // Hop by hop, over a link that takes less.
    expect(stdout).toMatch(
      /client ──→ router {2}UDP port (\d+) to 12000, ttl 64 .*(\n.*)*router ──→ server {2}UDP port \1 to 12000, ttl 63 /,
    )
    expect(stdout).toMatch(
      /client ←── router {2}ICMP unreachable - need to frag \(mtu 1400\) +14\+20\+8\+548\+4 = 594$/m,
    )
    expect(stdout).toMatch(
      /router ──→ server {2}UDP port \d+ to 12000, first fragment, ttl 63 +14\+20\+8\+1368\+4 = 1414$/m,
    )
    expect(stdout).toMatch(/router ──→ server {2}\(frag \d+:\d+@1376\), ttl 63 /)
    expect(stdout).toMatch(/client ┃ 1 {2}10\.0\.1\.1 {2}4\.0 ms\n(.*\n)*.*client ┃ 2 {2}10\.0\.2\.20 {2}10\.0 ms$/m)
    // Neighbours of both families.
    expect(stdout).toMatch(/second ──→ all {5}neighbor solicitation, who has 2001:db8:1::1 /)
    expect(stdout).toMatch(/second ←── router {2}neighbor advertisement, tgt is 2001:db8:1::1 /)
    expect(stdout).toContain('second ┃ answer from 2001:db8:2::20: icmp_seq=2 hlim=63 time=10.0 ms\n')
    expect(stdout).toMatch(/DNS asks AAAA server\.example .*(\n.*)*DNS AAAA server\.example: 2001:db8:2::20 /)
    expect(stdout).toContain('a name that is not there: EAI_NONAME\n')
    // The handshake loses a segment, and comes to its end all the same.
    expect(stdout).toMatch(/ SYN(-ACK)? seq 0 .*✗ lost/)
    expect(stdout).toMatch(/initial sequence number \d+\n +options mss 1460, sackOK, TS val \d+ ecr 0, nop, wscale \d/)
    expect(stdout).toMatch(/again after \d+ ms: the time-out is over; the next is 2000 ms$/m)
    // The cable's damage is found by the frame check sequence, the loss of data by the peer's reports.
    expect(stdout).toContain('the frame check sequence is wrong, dropped')
    expect(stdout).toMatch(/again after \d+ ms: later segments have arrived, this one not \(SACK\)$/m)
    for (const state of [
      'LISTEN',
      'SYN-SENT',
      'SYN-RECEIVED',
      'SYN-SENT → ESTABLISHED',
      'SYN-RECEIVED → ESTABLISHED',
      'ESTABLISHED → FIN-WAIT-1',
      'ESTABLISHED → CLOSE-WAIT',
      'FIN-WAIT-1 → FIN-WAIT-2',
      'CLOSE-WAIT → LAST-ACK',
      'FIN-WAIT-2 → TIME-WAIT',
      'LAST-ACK → CLOSED',
      'TIME-WAIT → CLOSED',
    ]) {
      expect(stdout).toMatch(new RegExp(` tcp  .*  ${state}$`, 'm'))
    }
    expect(stdout).toMatch(/^ {10}server {2}tcp {2}\[::\]:12000 +\[::\]:\* +LISTEN$/m)
    expect(stdout).toMatch(/accept\(\) gave socket 4, \[::ffff:10\.0\.2\.20\]:12000 to \[::ffff:10\.0\.1\.10\]:\d+$/m)
    expect(stdout).toMatch(/accept\(\) gave socket \d, \[2001:db8:2::20\]:12000 to \[2001:db8:1::11\]:\d+$/m)
    expect(stdout).toMatch(/answer from 10\.0\.2\.20: icmp_seq=\d ttl=63 time=10\.0 ms$/m)
    expect(stdout).toMatch(/update \d+: x .*; not here: \d+/)
    expect(stdout).toMatch(/update \d+ comes late/)
    expect(stdout).toMatch(/no answer in 400 ms: sending it again/)
    expect(stdout).toMatch(
      /^\d+ frames, \d+ octets: [1-9]\d* lost, [1-9]\d* damaged, [1-9]\d* TCP segments sent again$/m,
    )
  })

  test('is readable without colours and in 100 columns', () => {
    const { stdout } = usual()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBe(100)
  })

  test('the same seed gives the same run, another one another', () => {
    const run = (...args: string[]) => withoutProcesses(onStack(...args).stdout)
    expect(run()).toBe(withoutProcesses(usual().stdout))
    const some = SOAKING ? [] : ['E1', 'E2', 'E7']
    const first = run(...some, '--seed', '5')
    const acts = (text: string) => text.slice(text.indexOf('E1  '))
    expect(acts(run(...some, '--loss', 'loss=7%,reorder=5%,corrupt=4%,seed=5'))).toBe(acts(first))
    expect(acts(run(...some, '--seed', '6'))).not.toBe(acts(first))
  })

  test('a program shown alone runs as it does among all', () => {
    const all = usual().stdout
    const [, alone = ''] = onStack('E2').stdout.split('E2  upper-case over TCP\n')
    expect(all).toContain(alone.slice(0, alone.indexOf('Summary')))
  })

  test('the capture has each frame once, in order of time, and says which were lost', () => {
    const { stdout } = onStack('--capture', 'all.pcapng')
    expect(existsSync(join(folder, 'jackfield-demo.pcapng'))).toBe(false)
    const { interfaces, packets, truncated } = readPcapng(readFileSync(join(folder, 'all.pcapng')))
    const [, frames, lost] = /^(\d+) frames, .* (\d+) lost/m.exec(stdout) as unknown as [string, string, string]
    expect(truncated).toBe(false)
    expect(packets).toHaveLength(Number(frames))
    expect(packets.filter(({ comments }) => comments.includes('lost on the way'))).toHaveLength(Number(lost))
    expect(interfaces.map(({ name }) => name)).toEqual([
      'client.eth0',
      'second.eth0',
      'router.eth0',
      'router.eth1',
      'server.eth0',
    ])
    expect(packets.every(({ time }, i) => i === 0 || time >= (packets[i - 1]?.time as bigint))).toBe(true)
  })

  test.each([[['E1', 'E3']], [['E1', 'E3', '--check']]])(
    'with %j a capture that nobody asked for and that cannot be written: a warning, and all goes on',
    (args) => {
      // Not even root can write a file over a directory.
      mkdirSync(join(folder, 'jackfield-demo.pcapng'))
      const { status, stdout, stderr } = onStack(...args)
      expect(stderr).toMatch(
        /^jackfield: no capture: "jackfield-demo.pcapng" cannot be written, illegal .*: name a file .* --capture FILE\n$/,
      )
      const verdicts = [VERDICTS[0], VERDICTS[2]].map((verdict) => expect.stringMatching(verdict as RegExp))
      expect(stdout.match(/^E\d ok .*$/gm)).toEqual(verdicts)
      expect(stdout).not.toContain('All frames')
      expect(status).toBe(0)
    },
  )

  test('a capture that was asked for and that the disk has no room for: status 1', () => {
    const { status, stderr } = onStack('E4', '--check', '--capture', '/dev/full')
    expect(stderr).toBe(
      'jackfield: --capture "/dev/full" cannot be written, no space left on device: make room, or name a file elsewhere\n',
    )
    expect(status).toBe(1)
  })

  test('a capture that cannot be read again, such as /dev/null, is no failure', () => {
    expect(onStack('E1', '--check', '--capture', '/dev/null').status).toBe(0)
  })

  test('a reader who has seen enough is no error', () => {
    const { status, stderr } = spawnSync('bash', ['-c', 'set -o pipefail; "$0" demo | head -n 3', COMMAND], {
      encoding: 'utf8',
      cwd: folder,
    })
    expect(stderr).toBe('')
    // As of other commands: 128 and SIGPIPE, unless all was said before the reader had gone.
    expect([0, 141]).toContain(status)
  })

  test.each([
    [['--loss', 'abc'], 2, '--loss "abc": impairment must be one of loss,'],
    [
      ['--capture', '/no/such/dir/x'],
      1,
      '--capture "/no/such/dir/x" cannot be written, no such file or directory: name',
    ],
    [['--capture', '/no/such/dir/x', '--check'], 1, '--capture "/no/such/dir/x" cannot be written'],
  ])('%j: status and one line that says what is wrong', (args, expected, message) => {
    const { status, stdout, stderr } = demo(...args)
    expect(stderr).toMatch(/^jackfield: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' })
  })
})
