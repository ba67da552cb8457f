// The cookies were seen from Linux, by its own key and addresses (RFC 7413 4.1.2).

import { describe, expect, it } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { COOKIE_CURRENT, COOKIE_OLD, COOKIE_WRONG, FastOpenKeys } from '../../src/tcp/fast-open-key.ts'
import { readTcpOptions, TcpOptions } from '../../src/wire/tcp-options.ts'

const KEY = 'a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4'
const OTHER = '01010101-02020202-03030303-04040404'

function address(text: string): IpAddress {
  const ip = IpAddress.parse(text)
  if (ip === null) throw new Error(text)
  return ip
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join('')
}

function keysOf(text: string): FastOpenKeys {
  const keys = FastOpenKeys.parse(text)
  if (keys === null) throw new Error(text)
  return keys
}

function shown(cookie: string): TcpOptions {
  const octets = cookie.match(/../g)?.map((digits) => Number.parseInt(digits, 16)) ?? []
  const bytes = Uint8Array.of(34, 2 + octets.length, ...octets)
  const options = new TcpOptions()
  readTcpOptions(options, bytes, 0, bytes.length)
  return options
}

const CLIENT = address('192.0.2.1')
const SERVER = address('192.168.0.1')

describe('fast-open-key', () => {
  it('makes the cookies of Linux, over IPv4 and IPv6 (RFC 7413 4.1.2)', () => {
    const keys = keysOf(KEY)
    expect(hex(keys.cookieFor(CLIENT, SERVER))).toBe('3021b9d889017eeb')
    expect(hex(keys.cookieFor(address('fd3d:fa7b:d17d::1'), address('fd3d:a0b:17d6::1')))).toBe('c1d1e9742a47a9bc')
    expect(hex(keysOf(OTHER).cookieFor(CLIENT, SERVER))).toBe('42551d92e01d1e25')
  })

  it('knows a cookie of the key in use from one of the key before and a wrong one (RFC 7413 4.1.3)', () => {
    const keys = keysOf(`${OTHER},${KEY}`)
    expect(keys.check(shown('42551d92e01d1e25'), CLIENT, SERVER)).toBe(COOKIE_CURRENT)
    expect(keys.check(shown('3021b9d889017eeb'), CLIENT, SERVER)).toBe(COOKIE_OLD)
    expect(keys.check(shown('3021b9d889017eec'), CLIENT, SERVER)).toBe(COOKIE_WRONG)
    expect(keys.check(shown('3021b9d889017eeb'), address('192.0.2.2'), SERVER)).toBe(COOKIE_WRONG)
    expect(keys.check(shown('3021b9d8'), CLIENT, SERVER)).toBe(COOKIE_WRONG)
  })

  it('refuses what is no key', () => {
    for (const text of ['', 'a1a1a1a1', `${KEY}-1`, `${KEY},${KEY},${KEY}`, 'x1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4']) {
      expect(FastOpenKeys.parse(text), text).toBe(null)
    }
    expect(FastOpenKeys.random(new SeededRandom(1)).octets.length).toBe(16)
  })

  it('reads a cookie of 4 to 16 octets, an even number of them, or none (RFC 7413 4.1.1)', () => {
    const lengths = [0, 2, 3, 4, 5, 8, 16, 18].map((length) => shown('ab'.repeat(length)).cookieLength)
    expect(lengths).toEqual([0, -1, -1, 4, -1, 8, 16, -1])
  })
})
