import { describe, expect, test } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import {
  addressOfReverseName,
  canonicalName,
  isDomainName,
  isWithin,
  reverseName,
  sameName,
} from '../../src/services/names/domain-name.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import { parseResolvConf } from '../../src/services/names/resolv-conf.ts'
import { ServiceTable, services } from '../../src/services/names/service-table.ts'

const ip = (text: string) => IpAddress.parse(text) as IpAddress

describe('names', () => {
  test('are the same in any case, with and without the dot at the end (RFC 4343)', () => {
    expect(sameName('WWW.Example.', 'www.example')).toBe(true)
    expect(sameName('www.example', 'ww.example')).toBe(false)
    // Only the letters of ASCII have a case.
    expect(sameName('Ä.example', 'ä.example')).toBe(false)
    expect(canonicalName('.')).toBe('.')
  })

  test('lie in their zone and in no other', () => {
    expect(isWithin('a.b.Example', 'b.example.')).toBe(true)
    expect(isWithin('b.example', 'b.example')).toBe(true)
    expect(isWithin('ab.example', 'b.example')).toBe(false)
    expect(isWithin('anything', '.')).toBe(true)
  })

  test('have labels of 1 to 63 octets and 255 in all (RFC 1035 2.3.4)', () => {
    expect(isDomainName('a'.repeat(63))).toBe(true)
    expect(isDomainName('a'.repeat(64))).toBe(false)
    expect(isDomainName('ä'.repeat(32))).toBe(false)
    expect(isDomainName(`${'abcdefg.'.repeat(31)}abcde`)).toBe(true)
    expect(isDomainName(`${'abcdefg.'.repeat(31)}abcdef`)).toBe(false)
    expect(['', 'a..b', '.a', 'a.'].map(isDomainName)).toEqual([false, false, false, false])
  })

  test('of addresses are turned around (RFC 1035 3.5, RFC 3596 2.5)', () => {
    expect(reverseName(ip('192.0.2.1'))).toBe('1.2.0.192.in-addr.arpa')
    const v6 = 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'
    expect(reverseName(ip('2001:db8::567:89ab'))).toBe(v6)
    for (const text of ['192.0.2.1', '2001:db8::567:89ab', '::1']) {
      expect(String(addressOfReverseName(reverseName(ip(text)).toUpperCase()))).toBe(text)
    }
    const none = ['2.0.192.in-addr.arpa', 'x.2.0.192.in-addr.arpa', v6.slice(2), v6.replace('b', 'g'), 'a.example']
    expect(none.map(addressOfReverseName)).toEqual([null, null, null, null, null])
  })
})

describe('hosts', () => {
  const hosts = new HostsFile(`
    # a comment
    192.0.2.1  server.example server   # and another
    2001:db8::1\tserver.example\tsix
    192.0.2.2  Other.Example
    not an address
    192.0.2.3
  `)
  const lookup = (name: string) => hosts.lookup(name).map(({ address, canonicalName: first }) => `${address} ${first}`)

  test('are found by each of their names, in order, in any case (hosts(5))', () => {
    expect(lookup('server.example')).toEqual(['192.0.2.1 server.example', '2001:db8::1 server.example'])
    expect(lookup('SERVER')).toEqual(['192.0.2.1 server.example'])
    expect(lookup('six.')).toEqual(['2001:db8::1 server.example'])
    expect(lookup('other.example')).toEqual(['192.0.2.2 Other.Example'])
    expect(lookup('nobody')).toEqual([])
  })

  test('are found by their address', () => {
    expect(hosts.nameOf(ip('2001:db8::1'))).toBe('server.example')
    expect(hosts.nameOf(ip('192.0.2.9'))).toBe(null)
  })

  test('are counted where their lines are none', () => {
    expect(hosts.wrongLines).toBe(2)
  })

  test('have localhost always, and no other (RFC 6761 6.3)', () => {
    expect(new HostsFile().lookup('localhost').map(({ address }) => String(address))).toEqual(['::1', '127.0.0.1'])
    expect(new HostsFile().lookup('a.LocalHost').map(({ address }) => String(address))).toEqual(['::1', '127.0.0.1'])
    expect(new HostsFile('203.0.113.66 localhost').lookup('localhost').map(({ address }) => String(address))).toEqual([
      '::1',
      '127.0.0.1',
    ])
    expect(new HostsFile('127.0.0.2 localhost').lookup('localhost').map(({ address }) => String(address))).toEqual([
      '127.0.0.2',
    ])
    expect(new HostsFile().nameOf(ip('127.0.0.1'))).toBe('localhost')
  })

  test('name an argument that is no text', () => {
    expect(() => new HostsFile(5 as never)).toThrow(TypeError)
  })
})

describe('services', () => {
  test.each([
    ['http', 'tcp', 80],
    ['https', 'tcp', 443],
    ['smtp', 'tcp', 25],
    ['submission', 'tcp', 587],
    ['submissions', 'tcp', 465],
    ['domain', 'udp', 53],
    ['domain', 'tcp', 53],
    ['ssh', 'tcp', 22],
    ['ftp', 'tcp', 21],
    ['telnet', 'tcp', 23],
    ['pop3', 'tcp', 110],
    ['pop3s', 'tcp', 995],
    ['imap', 'tcp', 143],
    ['imaps', 'tcp', 993],
    ['ntp', 'udp', 123],
    ['echo', 'udp', 7],
    ['discard', 'tcp', 9],
    ['chargen', 'tcp', 19],
    ['daytime', 'udp', 13],
    // Aliases.
    ['www', 'tcp', 80],
    ['mail', 'tcp', 25],
    ['smtps', 'tcp', 465],
    ['sink', 'udp', 9],
  ] as const)('%s/%s is %i', (name, protocol, port) => {
    expect(services.byName(name, protocol)?.port).toBe(port)
  })

  test('are found by their ports, under their first name', () => {
    expect(services.byPort(80, 'tcp')?.name).toBe('http')
    expect(services.byPort(465, 'tcp')?.name).toBe('submissions')
    expect(services.byPort(123, 'udp')?.name).toBe('ntp')
    expect(services.byPort(123, 'tcp')).toBe(null)
    expect(services.byPort(123, null)?.protocol).toBe('udp')
    expect(services.byName('http', 'udp')).toBe(null)
    expect(services.byName('constructor', null)).toBe(null)
  })

  test('may be a table of their own (services(5))', () => {
    const own = new ServiceTable('upper 12000/tcp up # capital\nnonsense\nfar 99999/tcp\nupper 12000/udp')
    expect(own.byName('up', null)).toEqual({ name: 'upper', aliases: ['up'], port: 12000, protocol: 'tcp' })
    expect(own.byName('up', 'udp')).toBe(null)
    expect(own.byName('far', null)).toBe(null)
  })
})

describe('a resolv.conf', () => {
  test('says servers, search list and options (resolv.conf(5))', () => {
    expect(
      parseResolvConf(`; comment
# nameserver 192.0.2.9
domain old.example
search a.example B.example.
nameserver 192.0.2.53
nameserver fe80::1%eth0
nameserver nonsense
options ndots:2 timeout:3 attempts:4 rotate edns0
`),
    ).toEqual({
      servers: ['192.0.2.53', 'fe80::1%eth0'],
      search: ['a.example', 'b.example'],
      ndots: 2,
      timeout: 3000,
      attempts: 4,
      rotate: true,
    })
  })

  test('has the defaults and the bounds that the manual says', () => {
    expect(parseResolvConf('')).toEqual({
      servers: [],
      search: [],
      ndots: 1,
      timeout: 5000,
      attempts: 2,
      rotate: false,
    })
    const servers = [1, 2, 3, 4].map((i) => `nameserver 192.0.2.${i}`).join('\n')
    const many = parseResolvConf(`${servers}\noptions ndots:99 timeout:99 attempts:99 timeout:x`)
    expect(many.servers).toHaveLength(3)
    expect(many).toMatchObject({ ndots: 15, timeout: 30_000, attempts: 5 })
  })
})
