// bin/jackfield packetdrill: what it prints and how it ends.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-drill-'))
  mkdirSync(join(folder, 'more'))
  writeFileSync(join(folder, 'passes.pkt'), '0 socket(..., SOCK_STREAM, NUMBER) = 3\n')
  writeFileSync(join(folder, 'more', 'fails-v4.pkt'), '0 close(3) = 0\n')
  writeFileSync(join(folder, 'more', 'no-script.txt'), 'nothing')
  writeFileSync(join(folder, 'wrong.txt'), '0 close(3\n')
})

afterAll(() => rmSync(folder, { recursive: true }))

function packetdrill(...args: string[]) {
  const result = spawnSync('bin/jackfield', ['packetdrill', ...args], { encoding: 'utf8', cwd: root, timeout: 30_000 })
  return { status: result.status, stdout: result.stdout.replaceAll(`${folder}/`, ''), stderr: result.stderr }
}

describe('jackfield packetdrill', () => {
  it('walks folders, runs each script over the versions of its name, sums up, and ends with 1 where one failed', () => {
    const { status, stdout } = packetdrill('-D', 'NUMBER=6', folder)
    expect(status).toBe(1)
    const lines = stdout.split('\n').filter((line) => /^(ok|FAIL|\d+ passed)/.test(line))
    expect(lines.slice(0, -1)).toEqual([
      'FAIL more/fails-v4.pkt [ipv4]',
      'FAIL more/fails-v4.pkt [ipv4-mapped-ipv6]',
      'ok   passes.pkt [ipv4]',
      'ok   passes.pkt [ipv4-mapped-ipv6]',
      'ok   passes.pkt [ipv6]',
    ])
    expect(lines.at(-1)).toMatch(/^3 passed, 2 failed in \d+\.\d s$/)
    expect(stdout).toContain('more/fails-v4.pkt:1: close() returned -1 EBADF, expected 0')
  })

  it('--json: a line for each run; --ip: those versions; 0 where all passed', () => {
    const { status, stdout } = packetdrill(
      '--json',
      '--ip',
      'mapped',
      '--ip=ipv6',
      '-DNUMBER=0',
      join(folder, 'passes.pkt'),
    )
    expect(status).toBe(0)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ file, ip, ok }) => [file, ip, ok])).toEqual([
      ['passes.pkt', 'ipv4-mapped-ipv6', true],
      ['passes.pkt', 'ipv6', true],
    ])
  })

  it('a script that cannot be read: file, line, column, what was expected; 2', () => {
    const { status, stdout } = packetdrill('--ip=ipv4', join(folder, 'wrong.txt'))
    expect(status).toBe(2)
    expect(stdout).toContain("wrong.txt:1:10: expected ',' or ')', found the end of the script")
  })

  it('--ip and --ip_version that agree are one run, and so is --ip twice', () => {
    const script = join(folder, 'passes.pkt')
    for (const args of [
      ['--ip=mapped', '--ip_version=ipv4-mapped-ipv6'],
      ['--ip=mapped', '--ip=mapped'],
    ]) {
      expect(packetdrill('-DNUMBER=6', ...args, script).stdout).toMatch(
        /^ok {3}passes\.pkt \[ipv4-mapped-ipv6\]\n1 passed/,
      )
    }
  })

  it.each([
    ['nothing', '', 'expected an event, found the end of the script'],
    ['a program', '\x7fELF\0', 'expected a script, found a NUL: this is not a text file'],
    ['signs that nobody sees', '\u200b0 close(3) = 0', "expected the time of an event, found '\\u{200b}'"],
  ])('a file of %s: what is the matter with it, in print; 2', (_what, text, message) => {
    writeFileSync(join(folder, 'odd.txt'), text)
    const { status, stdout } = packetdrill(join(folder, 'odd.txt'))
    expect(stdout).toMatch(/^FAIL odd\.txt\n[^\n]+\n0 passed, 1 failed/)
    expect(stdout).toContain(message)
    expect(status).toBe(2)
  })

  it('a byte order mark, and lines that end with CR LF', () => {
    const lines = [
      '\ufeff--ip_version=ipv6',
      '0 socket(..., SOCK_STREAM, 0) = 3',
      '// end',
      '+0 `sysctl -q net.ipv4.tcp_sack=0`',
    ]
    writeFileSync(join(folder, 'dos.txt'), `${lines.join('\r\n')}\r\n`)
    expect(packetdrill(join(folder, 'dos.txt')).stdout).toMatch(/^ok {3}dos\.txt \[ipv6\]\n1 passed/)
  })

  it('a script that cannot be read is told once, however many versions it is for; in JSON with line and column', () => {
    const { stdout } = packetdrill(join(folder, 'wrong.txt'))
    expect(stdout).toMatch(/^FAIL wrong\.txt\n[^\n]+\n0 passed, 1 failed in \d+\.\d s\n$/)
    const { ip, line, column } = JSON.parse(packetdrill('--json', join(folder, 'wrong.txt')).stdout)
    expect([ip, line, column]).toEqual([null, 1, 10])
  })

  it('--verbose shows calls and packets; --dry_run runs nothing', () => {
    const script = join(folder, 'passes.pkt')
    expect(packetdrill('-v', '-D', 'NUMBER=6', '--ip', 'ipv4', script).stdout).toMatch(/^0\.000000 socket\(/)
    const { status, stdout } = packetdrill('--dry_run', '--ip', 'ipv4', join(folder, 'more'))
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'ok   more/fails-v4.pkt [ipv4]'])
  })

  it.each([
    [['--so_filename=x.so', 'x.pkt'], '--so_filename is not supported: no shared object is loaded'],
    [['--wire_client', 'x.pkt'], '--wire_client is not supported: there is no second machine'],
    [['--ip', 'ipv5', 'x.pkt'], "--ip must be ipv4, ipv6 or mapped, got 'ipv5'"],
    [['-D', 'x', 'x.pkt'], "-D must be NAME=VALUE, got 'x'"],
    [['-D', 'a b=1', 'x.pkt'], "-D must be NAME=VALUE, got 'a b=1'"],
    [['/no/such.pkt'], '"/no/such.pkt" cannot be read'],
    [['test/drill/scripts/handshake', '/no/such.pkt'], '"/no/such.pkt" cannot be read'],
    [['--tolerance_usecs=abc', 'test/drill/scripts'], "--tolerance_usecs must be a number from 0 up, is 'abc'"],
    [['--mtu=9', 'test/drill/scripts'], "--mtu must be a whole number from 68 to 65535, is '9'"],
    [['--ip_version=ipv5', 'x.pkt'], "--ip_version must be ipv4, ipv4-mapped-ipv6 or ipv6, got 'ipv5'"],
    [['--ip=ipv4', '--ip_version=ipv6', 'x.pkt'], '--ip ipv4 and --ip_version=ipv6 contradict each other'],
    [
      ['--ip=mapped', '--ip=ipv6', '--ip_version=ipv6', 'x.pkt'],
      '--ip mapped --ip ipv6 and --ip_version=ipv6 contradict each other',
    ],
    [['--profile=bsd', 'x.pkt'], "argument 'bsd' is invalid"],
    [['--seed=x', 'x.pkt'], "argument 'x' is invalid"],
  ])('%j is refused in one line, with 2', (args, message) => {
    const { status, stderr, stdout } = packetdrill(...args)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(2)
  })
})
