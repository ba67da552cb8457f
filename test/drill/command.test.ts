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
    expect(stdout).toContain("wrong.txt:2:1: expected ',' or ')', found the end of the script")
  })

  it('a script that cannot be read is told once, however many versions it is for; in JSON with line and column', () => {
    const { stdout } = packetdrill(join(folder, 'wrong.txt'))
    expect(stdout).toMatch(/^FAIL wrong\.txt\n[^\n]+\n0 passed, 1 failed in \d+\.\d s\n$/)
    const { ip, line, column } = JSON.parse(packetdrill('--json', join(folder, 'wrong.txt')).stdout)
    expect([ip, line, column]).toEqual([null, 2, 1])
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
    [['/no/such.pkt'], '"/no/such.pkt" cannot be read'],
  ])('%j is refused in one line, with 2', (args, message) => {
    const { status, stderr } = packetdrill(...args)
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(2)
  })
})
