import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'
import { describe, expect, it } from 'vitest'
import * as errno from '../../src/base/errno.ts'

const numbers = Object.entries(errno).flatMap(([name, value]): [string, number][] => {
  return typeof value === 'number' ? [[name, value]] : []
})

/** Second names of a number. */
const aliases: Readonly<Record<string, string>> = {
  EWOULDBLOCK: 'EAGAIN',
  EDEADLOCK: 'EDEADLK',
  ENOTSUP: 'EOPNOTSUPP',
}

function isGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return process.platform === 'linux' && report.header?.glibcVersionRuntime !== undefined
}

describe('errno', () => {
  it('has every constant in its table, under its own name or the better known of two', () => {
    expect(numbers.length).toBe(131 + 1 + 3)
    for (const [name, number] of numbers) {
      expect(errno.errnoName(number)).toBe(aliases[name] ?? name)
      expect(errno.errnoName(-number)).toBe(aliases[name] ?? name)
      expect(errno.errnoNumber(name)).toBe(number)
    }
  })

  it('has every number from 1 to EHWPOISON but the two that Linux has no name for', () => {
    const known = new Set(numbers.map(([, number]) => number))
    const missing = Array.from({ length: errno.EHWPOISON }, (_, i) => i + 1).filter((number) => !known.has(number))
    expect(missing).toEqual([41, 58])
  })

  it.runIf(isGlibc())('says of every number what strerror(3) says', () => {
    const strerror = koffi.load(null).func('strerror', 'str', ['int'])
    for (let number = 1; number < 600; number++) {
      expect([number, errno.errnoText(number)]).toEqual([number, strerror(number)])
    }
  })

  it.runIf(process.platform === 'linux')("has Linux's numbers and, where Node knows them, its names", () => {
    const known = constants.errno as unknown as Record<string, number | undefined>
    let compared = 0
    for (const [name, number] of numbers) {
      const value = known[name]
      if (value === undefined) continue
      compared++
      expect([name, number]).toEqual([name, value])
      const system = getSystemErrorName(-number)
      // One number has two names, of which libuv took the other.
      if (!/^Unknown/.test(system) && system !== 'ENOTSUP') expect(system).toBe(aliases[name] ?? name)
    }
    expect(compared).toBeGreaterThan(75)
  })

  it('says what strerror(3) says', () => {
    expect(errno.errnoText(errno.EADDRINUSE)).toBe('Address already in use')
    expect(errno.errnoText(-errno.ECONNREFUSED)).toBe('Connection refused')
    expect(errno.errnoText(errno.EHOSTUNREACH)).toBe('No route to host')
    expect(errno.errnoText(4095)).toBe('Unknown error 4095')
  })

  it('has a name for numbers it does not know, and no number for names it does not', () => {
    expect(errno.errnoName(-4095)).toBe('E4095')
    expect(errno.errnoNumber('ENOSUCH')).toBe(undefined)
    expect(errno.errnoNumber('toString')).toBe(undefined)
    expect(errno.errnoNumber('constructor')).toBe(undefined)
  })
})
