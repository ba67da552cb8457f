import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/cli/usage-error.ts'
import { parseWhere, requireWhere } from '../../src/cli/where.ts'

describe('--on', () => {
  test('a TAP interface and an address', () => {
    expect(parseWhere('tap:tap0,10.0.0.2/24')).toEqual({
      source: { name: '--on', besides: 'os' },
      kind: 'tap',
      name: 'tap0',
      addresses: ['10.0.0.2/24'],
      gateways: [],
      ipv6: 'none',
      dhcp: false,
      either: false,
      dad: true,
      mtu: null,
      offloads: true,
      busyPoll: null,
      impairment: '',
    })
  })

  test('everything at once, with spaces', () => {
    const text =
      'tun:t1, 10.0.0.2/24, 192.0.2.7/32, via 10.0.0.1, mtu=9000, offload=off, busy-poll=0, impair=loss=3%+delay=10ms'
    expect(parseWhere(text)).toEqual({
      source: { name: '--on', besides: 'os' },
      kind: 'tun',
      name: 't1',
      addresses: ['10.0.0.2/24', '192.0.2.7/32'],
      gateways: ['10.0.0.1'],
      ipv6: 'none',
      dhcp: false,
      either: false,
      dad: true,
      mtu: 9000,
      offloads: false,
      busyPoll: 0,
      impairment: 'loss=3%+delay=10ms',
    })
  })

  test('what DHCP says, and beside it what routers say of IPv6', () => {
    expect(parseWhere('tap:t0,dhcp')).toMatchObject({ dhcp: true, addresses: [], ipv6: 'none' })
    expect(parseWhere('tap:t0,dhcp,ipv6=auto')).toMatchObject({ dhcp: true, ipv6: 'auto' })
    expect(parseWhere('tap:t0,auto')).toMatchObject({ dhcp: true, ipv6: 'auto', either: true, addresses: [] })
    expect(parseWhere('tap:t0,2001:db8::2/64,dhcp')).toMatchObject({ dhcp: true, addresses: ['2001:db8::2/64'] })
  })

  test.each([
    ['eth0,10.0.0.2/24', 'must begin with tap:NAME or tun:NAME'],
    ['eth:e0,10.0.0.2/24', 'must begin with tap:NAME or tun:NAME'],
    ['tap:,10.0.0.2/24', 'names no interface'],
    ['tap:t,10.0.0.2/24,busy-poll=x', '--on busy-poll must be an integer from 0 (off) to 1000000 microseconds, got x'],
    ['tap:t,10.0.0.2/24,busy-poll=', '--on busy-poll must be an integer'],
    ['tap:tap0', 'gives the stack no address'],
    ['tap:tap0,10.0.0.2', '"10.0.0.2" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.2/33', '"10.0.0.2/33" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.256/24', '"10.0.0.256/24" where an address with its prefix belongs'],
    ['tap:tap0,10.0.0.2/24,via home', '"home" for a gateway'],
    ['tap:tap0,127.0.0.1/8', '127.0.0.1/8, a loopback address, which no host can have'],
    ['tap:tap0,224.0.0.1/24', '224.0.0.1/24, a multicast address'],
    ['tap:tap0,255.255.255.255/32', '255.255.255.255/32, the broadcast address'],
    ['tap:tap0,0.0.0.0/0', '0.0.0.0/0, an address of "this network"'],
    ['tap:tap0,10.0.0.0/24', '10.0.0.0/24, the network address of its prefix, which no host can have'],
    ['tap:tap0,10.0.0.255/24', '10.0.0.255/24, the broadcast address of its prefix'],
    ['tap:tap0,10.0.0.3/30', '10.0.0.3/30, the broadcast address of its prefix'],
    ['tap:tap0,10.0.0.2/24,10.0.0.255/24', '10.0.0.255/24, the broadcast address of its prefix'],
    ['tap:tap0,2001:db8::1/129', '"2001:db8::1/129" where an address with its prefix belongs'],
    ['tap:tap0,::1/128', '::1/128, a loopback address'],
    ['tap:tap0,::/64', '::/64, no address'],
    ['tap:tap0,ff02::1/64', 'ff02::1/64, a multicast address'],
    ['tun:t0,dhcp', '--on has dhcp on a TUN, which has no hardware address: write tap:NAME,dhcp'],
    ['tap:tap0,dhcp,10.0.0.2/24', '--on has dhcp and 10.0.0.2/24 besides; write one of them'],
    ['tap:tap0,dhcp,via 10.0.0.1', '--on has dhcp and 10.0.0.1 besides; write one of them'],
    ['tun:t0,auto', '--on has auto on a TUN, which has no hardware address: write tap:NAME,auto'],
    ['tap:tap0,auto,2001:db8::2/64', '--on has auto and 2001:db8::2/64 besides; write one of them'],
    ['tap:tap0,auto,via 10.0.0.1', '--on has auto and 10.0.0.1 besides; write one of them'],
    ['tap:tap0,dhcp=on', 'no option "dhcp"'],
    ['tap:tap0,ipv6=on', 'ipv6=on; write ipv6=auto'],
    ['tap:tap0,2001:db8::1/64,dad=no', 'dad=no; write dad=on or dad=off'],
    ['tap:tap0,10.0.0.2/24,via fe80::1', 'the gateway fe80::1, which is not on the link'],
    ['tap:tap0,10.0.0.2/24,10.0.0.2/24', '--on has 10.0.0.2/24 twice'],
    [
      'tap:tap0,10.0.0.2/24,via 99.0.0.1',
      'the gateway 99.0.0.1, which is not on the link: write one that is in 10.0.0.2/24',
    ],
    ['tap:tap0,10.0.0.2/32,via 10.0.0.1', 'the gateway 10.0.0.1, which is not on the link'],
    ['tap:tap0,10.0.0.2/24,via 10.0.0.255', 'the gateway 10.0.0.255, the broadcast address of the link'],
    ['tap:tap0,10.0.0.2/24,via 10.0.0.2', "the gateway 10.0.0.2, which is the stack's own address"],
    ['tap:tap0,10.0.0.2/24,via 2001:db8::1', 'the gateway 2001:db8::1, which is not on the link'],
    ['tap:tap0,10.0.0.2/24,via 10.0.0.1,via 10.0.0.3', 'two gateways, 10.0.0.1 and 10.0.0.3'],
    ['tap:tap0,10.0.0.2/24,mtu=67', 'mtu=67; an MTU is a number from 68 to 65535'],
    ['tap:tap0,10.0.0.2/24,mtu=big', 'mtu=big'],
    ['tap:tap0,10.0.0.2/24,offload=no', 'offload=no; write offload=on or offload=off'],
    ['tap:tap0,10.0.0.2/24,colour=red', 'no option "colour"'],
  ])('%s is refused, and the part named', (text, message) => {
    expect(() => parseWhere(text)).toThrow(UsageError)
    expect(() => parseWhere(text)).toThrow(message)
  })

  test.each(['10.0.0.0/31', '10.0.0.1/31', '10.0.0.255/32', '10.0.0.255/16', '240.0.0.1/4'])(
    '%s is an address of a host (RFC 3021: a prefix of 31 bits has two)',
    (address) => {
      expect(parseWhere(`tap:tap0,${address}`).addresses).toEqual([address])
    },
  )

  test('both families, each with its gateway', () => {
    const where = parseWhere('tap:t,10.0.0.2/24,2001:db8::2/64,via 10.0.0.1,via 2001:db8::1,dad=off')
    expect([where.gateways, where.ipv6, where.dad]).toEqual([['10.0.0.1', '2001:db8::1'], 'static', false])
    expect(parseWhere('tap:t,2001:db8::2/64,via fe80::1').gateways).toEqual(['fe80::1'])
  })

  test('addresses of IPv6 that routers say', () => {
    const where = parseWhere('tap:t,ipv6=auto')
    expect([where.addresses, where.ipv6]).toEqual([[], 'auto'])
  })

  test('a gateway on the link of the second address', () => {
    expect(parseWhere('tap:tap0,10.0.0.2/24,10.1.0.2/31,via 10.1.0.3').gateways).toEqual(['10.1.0.3'])
  })

  test.each([
    ['eth0', 'HERE "eth0" must begin with tap:NAME or tun:NAME, or be os or nowhere (tap:NAME,'],
    ['tap:t', 'HERE "tap:t" gives the stack no address'],
    ['tap:t,10.0.0.2/24,mtu=big', 'HERE has mtu=big; an MTU is a number'],
    ['tap:t,10.0.0.2/24,dad=no', 'HERE has dad=no; write dad=on or dad=off'],
    ['tap:t,10.0.0.2/24,via 99.0.0.1', 'HERE has the gateway 99.0.0.1'],
    ['tap:t,10.0.0.2/24,colour=red', 'HERE has no option "colour"'],
  ])('given by something else than --on, that is what the error names: %s', (text, message) => {
    expect(() => parseWhere(text, { name: 'HERE', besides: 'os or nowhere' })).toThrow(message)
  })

  test('where it is missing, the command that needs it is named, and how it is written', () => {
    expect(() => requireWhere(undefined, 'serve')).toThrow(UsageError)
    expect(() => requireWhere(undefined, 'serve')).toThrow(/^serve needs --on, .*such as --on tap:/)
  })
})
