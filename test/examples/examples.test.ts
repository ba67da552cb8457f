import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from '../interop/namespace.ts'
import { lacking } from '../interop/requirements.ts'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))

// On the operating system's sockets the examples have the ports that they name, which may be somebody's on this machine: where it may
// be made, they have a namespace of their own.
let namespace: Namespace | null = null

beforeAll(() => {
  if (lacking([]).length === 0) namespace = new Namespace()
})

afterAll(() => namespace?.close())

/** What an example prints, line by line, ephemeral ports and times left out. It must end by itself, with 0. */
function run(name: string, ...args: string[]): string[] {
  const within = args.includes('os') && namespace !== null ? ['ip', 'netns', 'exec', namespace.name] : []
  const [program = '', ...words] = [...within, process.execPath, `${folder}${name}.mjs`, ...args]
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    // A bad cable can lose a SYN five times.
    timeout: 50_000,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
    .replace(/(10\.0\.0\.1):\d+/g, '$1:PORT')
    .replace(/(chosen a port: )\d+/, '$1PORT')
    .replace(/[\d.]+ ms/g, 'TIME')
    .trim()
    .split('\n')
}

test('every example is run here', () => {
  // The page is fetched where it is traced: test/os/trace-command.test.ts.
  const names = readdirSync(folder).filter((name) => name !== 'network.mjs' && name !== 'page.mjs')
  expect(names.sort()).toEqual([
    'fetch.mjs',
    'lookup.mjs',
    'many.mjs',
    'netstat.mjs',
    'ping.mjs',
    'positions.mjs',
    'retry.mjs',
    'tcp-info.mjs',
    'trace-route.mjs',
    'unix-datagram.mjs',
    'upper-tcp.mjs',
    'upper-udp.mjs',
  ])
})

test('page: one clear line where no web server answers', () => {
  const args = [`${folder}page.mjs`, '127.0.0.1', '1']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  expect(stderr).toBe(
    'page.mjs: no web server answers at 127.0.0.1 port 1 (127.0.0.1 cannot be reached); name one: page.mjs ADDRESS PORT PATH\n',
  )
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
})

describe('examples', () => {
  test('retry: every order is taken once, however often the shop is cut off', () => {
    for (const seed of ['1', '7']) {
      const lines = run('retry', seed)
      expect(lines.at(-1)).toBe('3 orders, each once')
      expect(lines.filter((line) => line.endsWith(': taken') || line.endsWith(': known already'))).toHaveLength(3)
    }
  })

  test('upper-udp: three lines, each sent and answered', () => {
    expect(run('upper-udp')).toEqual([
      'server: socket 3 is bound to 0.0.0.0:12000; with UDP nothing listens or accepts',
      'client: socket 3 is at 0.0.0.0:0',
      'client: sending "1 hello"',
      'client: sendto() has chosen a port: PORT',
      'server: 10.0.0.1:PORT sent "1 hello"',
      'client: the answer is "1 HELLO"',
      'client: sending "2 how are you?"',
      'server: 10.0.0.1:PORT sent "2 how are you?"',
      'client: the answer is "2 HOW ARE YOU?"',
      'client: sending "3 good bye"',
      'server: 10.0.0.1:PORT sent "3 good bye"',
      'client: the answer is "3 GOOD BYE"',
    ])
  })

  test.each([[], ['loss=10%,reorder=10%,duplicate=10%,corrupt=5%,seed=2']])(
    'upper-tcp %s: two clients at once get their lines, in order, on the port of the listener',
    (...args) => {
      const lines = run('upper-tcp', ...args)
      expect(lines.filter((line) => line.startsWith('server: accept'))).toEqual([
        'server: accept() gave socket 4, 10.0.0.2:12000 to 10.0.0.1:PORT',
        // Where the other's SYN was lost, the first one's may be free again.
        expect.stringMatching(/^server: accept\(\) gave socket [45], 10\.0\.0\.2:12000 to 10\.0\.0\.1:PORT$/),
      ])
      const received = (client: string) =>
        lines.filter((line) => line.startsWith(`${client}: in `)).map((line) => line.replace(/^.*?"/, '"'))
      expect(received('client 1')).toEqual(['"HELLO"', '"GOOD BYE"'])
      expect(received('client 2')).toEqual(['"GUTEN TAG"', '"AUF WIEDERSEHEN"'])
    },
  )

  test('fetch: the calls of curl, and the page', () => {
    const lines = run('fetch').map((line) =>
      line.replace(/(inet_addr\("10.0.0.1"\))/, 'OURS').replace(/htons\(\d{5}\)/, 'PORT'),
    )
    const at = '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.2")}'
    const calls = lines.slice(0, lines.indexOf('HTTP/1.1 200 OK\r'))
    expect(calls.filter((line) => !/^(recvfrom|server:)/.test(line))).toEqual([
      'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3',
      'setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
      'setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0',
      'setsockopt(3, SOL_TCP, TCP_KEEPIDLE, [60], 4) = 0',
      'setsockopt(3, SOL_TCP, TCP_KEEPINTVL, [60], 4) = 0',
      `connect(3, ${at}, 16) = -1 EINPROGRESS (Operation now in progress)`,
      'getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0',
      'getsockname(3, {sa_family=AF_INET, sin_port=PORT, sin_addr=OURS}, [128 => 16]) = 0',
      `getpeername(3, ${at}, [128 => 16]) = 0`,
      'sendto(3, "GET / HTTP/1.1\\r\\nHost: 10.0.0.2\\r\\n"..., 70, MSG_NOSIGNAL, NULL, 0) = 70',
      'close(3)                                = 0',
      '+++ exited with 0 +++',
    ])
    expect(calls.find((line) => line.startsWith('recvfrom'))).toMatch(
      /^recvfrom\(3, "HTTP\/1\.1 200 OK\\r\\nContent-Type: t"\.\.\., 102400, 0, NULL, NULL\) = \d+$/,
    )
    expect(calls).toContain('server: asked for "GET / HTTP/1.1"')
    expect(lines.at(-1)).toBe('<!doctype html><title>Jackfield</title><p>Hello.</p>')
  })

  test('netstat: listeners, a connection from both sides, and what is left of it', () => {
    const lines = run('netstat').map((line) => line.replace(/ +/g, ' ').replace(/ \d+\/(\d+)/, ' PID/$1'))
    const part = (title: string) =>
      lines
        .slice(lines.indexOf(title) + 1)
        .join('\n')
        .split(/\n(?=[A-Z][a-z]+ [a-z]+ )/)[0]
    expect(part('Before anybody has called')).toMatch(/^tcp 0 5 0\.0\.0\.0:12000 0\.0\.0\.0:\* LISTEN PID\/3 off$/m)
    expect(part('Before anybody has called')).toMatch(/^udp 0 0 0\.0\.0\.0:5004 0\.0\.0\.0:\* PID\/4 off$/m)
    expect(part('While they talk')).toMatch(/^tcp \d+ \d+ 10\.0\.0\.1:PORT 10\.0\.0\.2:12000 ESTABLISHED PID\/3 /m)
    expect(part('While they talk')).toMatch(/^tcp \d+ \d+ 10\.0\.0\.2:12000 10\.0\.0\.1:PORT ESTABLISHED /m)
    expect(part('After the client has closed its side')).toMatch(/10\.0\.0\.2:12000 TIME-WAIT - time-wait \(\d/)
  })

  test('ping: four answers, one after the other', () => {
    const answer = (number: number) => `client: answer from 10.0.0.2: icmp_seq=${number} ttl=64 time=TIME`
    const answer6 = (number: number) => `client: answer from 2001:db8::2: icmp_seq=${number} hlim=64 time=TIME`
    expect(run('ping')).toEqual([...[1, 2, 3, 4].map(answer), ...[1, 2].map(answer6)])
    expect(run('ping', 'loss=100%')[0]).toMatch(/^client: icmp_seq=1: no answer in/)
  })

  test('trace-route: both routers, each by the address on the side of the client, and the server', () => {
    const hops = ['1  10.1.0.1', '2  10.2.0.2', '3  10.3.0.2']
    expect(run('trace-route')).toEqual(hops.map((hop) => `client: ${hop}  TIME`))
  })

  test('lookup: addresses of both families, ports of services, a name for an address, and one that is not there', () => {
    expect(run('lookup')).toEqual([
      'server: socket 3 is bound to 0.0.0.0:53 and knows the domain example',
      'client: server.example is [2001:db8::2]:80',
      'client: server.example is 10.0.0.2:80',
      'client: http is port 80, smtp is port 25, submission is port 587, submissions is port 465: from a table, nobody was asked',
      'client: 10.0.0.2 is server.example',
      'client: a name that is not there: EAI_NONAME',
    ])
  })

  describe.each([
    ['stacks', 'loss=0%'],
    ["the operating system's sockets", 'os'],
  ])('on %s', (_what, where) => {
    test('many: two clients at once, one after the other, by promises, by threads, and by processes that are not this one', () => {
      const lines = run('many', where)
      for (const port of [12001, 12002, 12003, 12004]) {
        for (const client of ['client 1', 'client 2']) {
          expect(lines).toContain(`${client}: in 1 read: "HELLO, ${port}"`)
        }
      }
      expect(lines.filter((line) => line.endsWith('"BYE"'))).toHaveLength(8)
      expect(lines.filter((line) => /promise: .* is served, on socket \d+$/.test(line))).toHaveLength(2)
      const attendants = lines.flatMap(
        (line) => /is (?:given|handed) to (thread|process) (\d+)$/.exec(line)?.slice(1, 3).join(' ') ?? [],
      )
      expect(attendants.filter((name) => name.startsWith('thread '))).toHaveLength(2)
      expect(new Set(attendants).size).toBe(4)
      expect(attendants).not.toContain(`process ${process.pid}`)
      // One after the other: the second client is served when the first has gone, whoever that was.
      const [first, second] = lines.flatMap((line, i) => (/loop: now .* is served/.test(line) ? [i] : []))
      expect(lines.slice(first, second)).toContainEqual(expect.stringMatching(/^client \d: in 1 read: "BYE"$/))
    })

    test('tcp-info: what TCP knows of the connection', () => {
      const [hello, times, counts, control] = run('tcp-info', where) as [string, string, string, string]
      expect(hello).toBe('hello')
      const [rtt, mss] = [...times.matchAll(/\d+/g)].map(Number) as [number, number]
      expect(rtt).toBeGreaterThan(0)
      // TCP_MAXSEG, options of each segment taken off by Linux.
      expect([988, 1000]).toContain(mss)
      expect(counts).toMatch(/^5 octets have come, in \d segments$/)
      expect(control).toMatch(/^congestion control is \w+$/)
    })
  })

  test.each(['upper-tcp', 'upper-udp', 'lookup', 'positions', 'fetch', 'ping', 'netstat'])(
    "%s runs on the operating system's sockets too",
    (name) => {
      const lines = run(name, 'os').join('\n')
      expect(lines).toMatch(
        {
          'upper-tcp': /^client 2: in 1 read: "AUF WIEDERSEHEN"$/m,
          'upper-udp': /^client: the answer is "3 GOOD BYE"$/m,
          lookup: /^client: server\.example is 127\.0\.0\.1:80$/m,
          positions: /^20 of 20 updates received, 0 late$/m,
          fetch: /^socket\(AF_INET, SOCK_STREAM, IPPROTO_TCP\) = \d+$[\s\S]*^HTTP\/1\.1 200 OK/m,
          ping: /^client: answer from ::1: icmp_seq=2 /m,
          netstat: /^tcp +\d+ +\d+ 127\.0\.0\.1:\d+ +127\.0\.0\.1:12000 +ESTABLISHED/m,
        }[name] as RegExp,
      )
    },
  )

  test('unix-datagram: the kernel says who has sent it', () => {
    expect(run('unix-datagram')).toEqual(['READY=1', 'STATUS=Serving', 'from this process'])
  })

  test('positions: all of twenty, and with loss those that are left', () => {
    expect(run('positions').at(-1)).toBe('20 of 20 updates received, 0 late')
    const lines = run('positions', 'loss=30%,seed=2')
    const [, received] = /^(\d+) of 20 updates received, 0 late$/.exec(lines.at(-1) as string) as unknown as [
      string,
      string,
    ]
    expect(lines.filter((line) => /^receiver: update \d+: x /.test(line))).toHaveLength(Number(received))
    expect(Number(received)).toBeLessThan(20)
    expect(lines.some((line) => line.includes('; not here: '))).toBe(true)
  })
})
