import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))

/** What an example prints, line by line, ephemeral ports and times left out. It must end by itself, with 0. */
function run(name: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${folder}${name}.mjs`, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
    .replace(/(10\.0\.0\.1):\d+/g, '$1:PORT')
    .replace(/[\d.]+ ms/g, 'TIME')
    .trim()
    .split('\n')
}

test('every example is run here', () => {
  const names = readdirSync(folder).filter((name) => name !== 'network.mjs')
  expect(names.sort()).toEqual(['ping.mjs', 'positions.mjs', 'upper-tcp.mjs', 'upper-udp.mjs'])
})

describe('examples', () => {
  test('upper-udp: three lines, each sent and answered', () => {
    expect(run('upper-udp')).toEqual([
      'server: socket 3 is bound to 0.0.0.0:12000; with UDP nothing listens or accepts',
      'client: sending "1 hello"',
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

  test.each([[], ['loss=10%,reorder=10%,duplicate=10%,corrupt=5%']])(
    'upper-tcp %s: two clients at once get their lines, in order, on the port of the listener',
    (...args) => {
      const lines = run('upper-tcp', ...args)
      expect(lines.filter((line) => line.startsWith('server: accept'))).toEqual([
        'server: accept() gave socket 4, 10.0.0.2:12000 to 10.0.0.1:PORT',
        'server: accept() gave socket 5, 10.0.0.2:12000 to 10.0.0.1:PORT',
      ])
      const received = (client: string) =>
        lines.filter((line) => line.startsWith(`${client}: in `)).map((line) => line.replace(/^.*?"/, '"'))
      expect(received('client 1')).toEqual(['"HELLO"', '"GOOD BYE"'])
      expect(received('client 2')).toEqual(['"GUTEN TAG"', '"AUF WIEDERSEHEN"'])
    },
  )

  test('ping: four answers, one after the other', () => {
    const answer = (number: number) => `client: answer from 10.0.0.2: icmp_seq=${number} ttl=64 time=TIME`
    expect(run('ping')).toEqual([1, 2, 3, 4].map(answer))
    expect(run('ping', 'loss=100%')[0]).toMatch(/^client: icmp_seq=1: no answer in/)
  })

  test('positions: all of twenty, and with loss those that are left', () => {
    expect(run('positions').at(-1)).toBe('20 of 20 updates received, 0 late')
    const lines = run('positions', 'loss=30%,seed=6')
    const [, received] = /^(\d+) of 20 updates received, 0 late$/.exec(lines.at(-1) as string) as unknown as [
      string,
      string,
    ]
    expect(lines.filter((line) => /^receiver: update \d+: x /.test(line))).toHaveLength(Number(received))
    expect(Number(received)).toBeLessThan(20)
    expect(lines.some((line) => line.includes('; not here: '))).toBe(true)
  })
})
