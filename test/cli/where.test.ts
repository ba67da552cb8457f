import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/cli/usage-error.ts'
import { parseWhere } from '../../src/cli/where.ts'

describe('--on', () => {
  test('a TAP interface and an address', () => {
    expect(parseWhere('tap:tap0,10.0.0.2/24')).toEqual({
      kind: 'tap',
      name: 'tap0',
      addresses: ['10.0.0.2/24'],
      gateway: null,
      mtu: null,
      offloads: true,
      impairment: '',
    })
  })

  test('everything at once, with spaces', () => {
    const text = 'tun:t1, 10.0.0.2/24, 192.0.2.7/32, via 10.0.0.1, mtu=9000, offload=off, impair=loss=3%+delay=10ms'
    expect(parseWhere(text)).toEqual({
      kind: 'tun',
      name: 't1',
      addresses: ['10.0.0.2/24', '192.0.2.7/32'],
      gateway: '10.0.0.1',
      mtu: 9000,
      offloads: false,
      impairment: 'loss=3%+delay=10ms',
    })
  })

  test.each([
    ['eth0,10.0.0.2/24', 'must begin with tap:NAME or tun:NAME'],
    ['eth:e0,10.0.0.2/24', 'must begin with tap:NAME or tun:NAME'],
    ['tap:,10.0.0.2/24', 'names no interface'],
    ['tap:tap0', 'gives the stack no address'],
    ['tap:tap0,10.0.0.2', '"10.0.0.2" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.2/33', '"10.0.0.2/33" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.256/24', '"10.0.0.256/24" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.2/24,via home', '"home" for a gateway'],
    ['tap:tap0,10.0.0.2/24,mtu=67', 'mtu=67; an MTU is a number from 68 to 65535'],
    ['tap:tap0,10.0.0.2/24,mtu=big', 'mtu=big'],
    ['tap:tap0,10.0.0.2/24,offload=no', 'offload=no; write offload=on or offload=off'],
    ['tap:tap0,10.0.0.2/24,colour=red', 'no option "colour"'],
  ])('%s is refused, and the part named', (text, message) => {
    expect(() => parseWhere(text)).toThrow(UsageError)
    expect(() => parseWhere(text)).toThrow(message)
  })
})
