import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/cli/capture/capture-filter.ts'
import { CaptureHeaders } from '../../src/cli/capture/capture-headers.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import type { CaptureDirection } from '../../src/device/capture.ts'
import { FILTERS, FRAMES, LAYERED } from './capture-frames.ts'

/** Which of the frames a filter wants. */
function wanted(text: string, frames: ReadonlyMap<string, Uint8Array>, direction: CaptureDirection = 'in'): string[] {
  const filter = parseFilter(text)
  const headers = new CaptureHeaders()
  return [...frames].flatMap(([name, bytes]) => {
    headers.read(bytes, 0, bytes.length, 'ethernet')
    return filter(headers, direction) ? [name] : []
  })
}

// That the rest of FILTERS mean what they mean to tcpdump, it says itself: test/interop/capture-filter.test.ts.
describe('a capture filter', () => {
  test.each([
    ['tcp port 80 and host 10.0.0.1', ['tcp to 80', 'tcp from 80']],
    ['udp port 53', ['udp to 53', 'udp between 53', 'udp first fragment', 'udp6 from 53']],
    ['arp', ['arp request', 'arp reply']],
    ['icmp or (tcp and port 443)', ['tcp elsewhere', 'icmp echo']],
    ['icmp or tcp and port 443', ['tcp elsewhere']],
    ['net 2001:db8:0:1::/64', ['tcp6 to 80', 'udp6 from 53']],
  ])('%s', (text, names) => {
    expect(wanted(text, FRAMES)).toEqual(names)
  })

  test('sees through VLAN tags and extension headers', () => {
    expect(wanted('tcp port 80', LAYERED)).toEqual(['tagged tcp to 80', 'tcp6 to 80 behind options'])
    expect(wanted('udp', LAYERED)).toEqual(['udp6 later fragment'])
    expect(wanted('port 53', LAYERED)).toEqual([])
    expect(wanted('vlan', LAYERED)).toEqual(['tagged tcp to 80'])
    expect(wanted('vlan 100', LAYERED)).toEqual(['tagged tcp to 80'])
    expect(wanted('vlan 101 or ip6', LAYERED)).toEqual(['tcp6 to 80 behind options', 'udp6 later fragment'])
  })

  test('inbound and outbound: which way a frame goes, seen from the stack', () => {
    expect(wanted('inbound', FRAMES, 'in').length).toBe(FRAMES.size)
    expect(wanted('inbound', FRAMES, 'out')).toEqual([])
    expect(wanted('outbound and arp', FRAMES, 'out')).toEqual(['arp request', 'arp reply'])
  })

  test('on a device of IP the packet comes first, and there is no Ethernet', () => {
    const headers = new CaptureHeaders()
    const bytes = (FRAMES.get('tcp to 80') as Uint8Array).subarray(14)
    headers.read(bytes, 0, bytes.length, 'ip')
    expect(parseFilter('tcp port 80 and ip')(headers, 'in')).toBe(true)
    expect(parseFilter('ether host 02:00:00:00:00:01 or multicast or broadcast or ether')(headers, 'in')).toBe(false)
    const six = (FRAMES.get('tcp6 to 80') as Uint8Array).subarray(14)
    headers.read(six, 0, six.length, 'ip')
    expect(parseFilter('ip6 and dst port 80')(headers, 'in')).toBe(true)
  })

  test('every truncation of every frame is read without an error', () => {
    const headers = new CaptureHeaders()
    const filters = FILTERS.map(parseFilter)
    for (const bytes of [...FRAMES.values(), ...LAYERED.values()]) {
      for (let end = 0; end <= Math.min(bytes.length, 120); end++) {
        headers.read(bytes.slice(0, end), 0, end, 'ethernet')
        for (const filter of filters) expect(typeof filter(headers, 'in')).toBe('boolean')
      }
    }
  })

  test('a port is that of a packet that was all read, never of the frame before', () => {
    const headers = new CaptureHeaders()
    const filter = parseFilter('port 80')
    const whole = FRAMES.get('tcp to 80') as Uint8Array
    headers.read(whole, 0, whole.length, 'ethernet')
    expect(filter(headers, 'in')).toBe(true)
    headers.read(whole, 0, 34, 'ethernet')
    expect(filter(headers, 'in')).toBe(false)
  })

  test.each([
    [
      'tcp prot 80',
      '"prot" where "and", "or" or a protocol, "host", "net", "port", "portrange", "src" or "dst" belongs',
    ],
    ['prot 80', '"prot" where a protocol, "host", "net", "port", "portrange", "src" or "dst" belongs'],
    ['tcp and', 'the filter ends where a protocol, "host"'],
    ['port', 'the filter ends where a port such as 80 or http belongs'],
    ['port eighty', '"eighty" is no port and no service with one'],
    ['port 65536', '"65536" is no port: they end at 65535'],
    ['portrange 9-1', '"9-1" is no range of ports such as 1-1023'],
    ['host example.org', '"example.org" is no address (names are not looked up)'],
    ['host 10.0.0.0/24', '"10.0.0.0/24" is a network: write "net" before it'],
    ['net 10.0.0.1/24', '"10.0.0.1/24" has bits set behind its first 24'],
    ['net 10.0.0.0/33', '"10.0.0.0/33" has no prefix length from 0 to 32'],
    ['ether host 10.0.0.1', '"10.0.0.1" is no hardware address such as 02:00:00:00:00:01'],
    ['tcp host 10.0.0.1', '"10.0.0.1" where no host of tcp (ether, arp, ip, ip6 have one)'],
    ['arp port 80', '"80" where no port of arp (tcp, udp, sctp, ip, ip6 have one)'],
    ['(tcp or udp', 'the filter ends where "and", "or" or ")" belongs'],
    ['tcp)', '")" where "and", "or" or the end belongs'],
    ['tcp udp', '"udp" where "and", "or" or a protocol'],
    ['port 80 443', '"443" where "and", "or" or the end belongs'],
    ['tcp[13] & 2', 'the filter ends where "=", "!=", "<", ">", "<=" or ">=" belongs'],
    ['tcp[13:3] = 1', '"3" is no number of octets: 1, 2 or 4'],
    ['tcp[tcpflag] = 1', '"tcpflag" is no number, nor the name of one'],
    ['len >', 'the filter ends where a number, "len", or octets such as tcp[13] belongs'],
    ['less long', '"long" is not a length, from 0 to 262144'],
    ['ip broadcast', '"broadcast" of ip would need the mask of the link: write ether broadcast'],
    ['tcp multicast', '"multicast" is nothing that tcp has'],
    ['vlan 4096', '"4096" is not the number of a VLAN, from 0 to 4095'],
  ])('%s is refused, with the word that is wrong', (text, message) => {
    expect(() => parseFilter(text)).toThrow(UsageError)
    expect(() => parseFilter(text)).toThrow(`filter ${JSON.stringify(text)}: ${message}`)
  })
})
