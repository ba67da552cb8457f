import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as errno from '../../src/base/errno.ts'

const numbers = Object.entries(errno).flatMap(([name, value]): [string, number][] => {
  return typeof value === 'number' ? [[name, value]] : []
})

describe('errno', () => {
  it('has every constant in its table, under its own name', () => {
    expect(numbers.length).toBeGreaterThan(45)
    for (const [name, number] of numbers) {
      expect(errno.errnoName(number)).toBe(name)
      expect(errno.errnoName(-number)).toBe(name)
      expect(errno.errnoNumber(name)).toBe(number)
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
      if (!/^Unknown/.test(system) && system !== 'ENOTSUP') expect(system).toBe(name)
    }
    expect(compared).toBeGreaterThan(40)
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
