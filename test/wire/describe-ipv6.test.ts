import { describe, expect, it } from 'vitest'
import { describeLayers, describeLine } from '../../src/wire/describe.ts'
import { octets } from '../device/recorder.ts'
import { readCorpus } from './corpus.ts'

const corpus = readCorpus()

/** The layers of the packet in the corpus with this line: "layer start-end name=value …" */
function layers(line: string): string[] {
  const packet = corpus.find((entry) => entry.line === line && entry.file !== 'ethernet.hex')
  if (packet === undefined) throw new Error(`not in the corpus: ${line}`)
  return described(packet.bytes, 'ethernet')
}

function described(bytes: Uint8Array, medium: 'ethernet' | 'ip'): string[] {
  return describeLayers(bytes, 0, bytes.length, medium).map(
    ({ layer, fields, start, end }) =>
      `${layer} ${start}-${end} ${fields.map(({ name, value }) => `${name}=${value}`).join(' ')}`,
  )
}

/** An IPv6 packet from 2001:db8::1 to 2001:db8::2 with this payload. */
function ip6(next: string, payload: string): Uint8Array {
  const length = octets(payload).length.toString(16).padStart(4, '0')
  return octets(`60 00 00 00  ${length.slice(0, 2)} ${length.slice(2)} ${next} 40
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
    20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
    ${payload}`)
}

function line(packet: Uint8Array): string {
  return describeLine(packet, 0, packet.length, 'ip').replace('IP6 2001:db8::1 > 2001:db8::2: ', '')
}

const QUOTED = `60 00 00 00  00 08 11 40
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02
  03 e8 07 d0 00 08 00 00`

describe('describeLine', () => {
  // As tcpdump 4.99 prints them, but for what it gets wrong: a second space, and a dump behind codes it does not know.
  it.each([
    ['01 00', '00 00 00 00', 'destination unreachable, unreachable route 2001:db8::2'],
    ['01 01', '00 00 00 00', 'destination unreachable, unreachable prohibited 2001:db8::2'],
    ['01 02', '00 00 00 00', 'destination unreachable, beyond scope 2001:db8::2, source address 2001:db8::1'],
    ['01 03', '00 00 00 00', 'destination unreachable, unreachable address 2001:db8::2'],
    ['01 04', '00 00 00 00', 'destination unreachable, unreachable port, 2001:db8::2 udp port 2000'],
    ['01 06', '00 00 00 00', 'destination unreachable, reject route 2001:db8::2'],
    ['01 09', '00 00 00 00', 'destination unreachable, code 9 2001:db8::2'],
    ['02 00', '00 01 11 70', 'packet too big, mtu 70000'],
    ['03 00', '00 00 00 00', 'time exceeded in-transit for 2001:db8::2'],
    ['03 01', '00 00 00 00', 'time exceeded in-transit (reassembly)'],
    ['04 00', '00 00 00 28', 'parameter problem, erroneous - octet 40'],
    ['04 01', '00 00 00 28', 'parameter problem, next header - octet 40'],
    ['04 02', '00 00 00 28', 'parameter problem, option - octet 40'],
    ['04 03', '00 00 00 28', 'parameter problem, incomplete header chain - octet 40'],
    ['7f 01', '00 00 00 00', 'type 127, code 1'],
  ])('prints ICMPv6 error %s', (typeAndCode, word, text) => {
    expect(line(ip6('3a', `${typeAndCode} 00 00  ${word}  ${QUOTED}`))).toBe(`ICMP6, ${text}, length 56`)
  })

  it.each([
    ['a router solicitation that is cut short', '3a', '85 00 00 00 00 00 00', 'ICMP6, cut off'],
    [
      'a neighbour solicitation without a target',
      '3a',
      '87 00 00 00 00 00 00 00',
      'ICMP6, neighbor solicitation, length 8',
    ],
    [
      'MLD of an impossible length',
      '3a',
      `82 00 ${'00 '.repeat(24)}`,
      'ICMP6, multicast listener query unknown-version (len 26), length 26',
    ],
    [
      "a mobile node's routing header",
      '2b',
      `11 02 02 01 00 00 00 00  ${'20 01 '.repeat(8)}  00 01 00 02 00 08 00 00`,
      'RT6 (len=2, type=2, segleft=1, [0]2001:2001:2001:2001:2001:2001:2001:2001) 1 > 2: UDP, length 0',
    ],
    ['an unknown routing header', '2b', '3b 00 09 01 00 00 00 00', 'RT6 (len=0, type=9, segleft=1) no next header'],
    [
      'an authentication header',
      '33',
      `3b 04 00 00  00 00 01 00  00 00 00 01 ${'00 '.repeat(12)}`,
      'AH(spi=0x00000100,seq=0x1,icv=0x000000000000000000000000): no next header',
    ],
    ['options that are cut short', '00', '3a 03 00 00 00 00 00 00', 'hop-by-hop options, length 8'],
    [
      'a packet in a packet in a packet',
      '29',
      `${QUOTED.replace('00 08 11 40', '00 08 29 40')}`,
      'IP6 2001:db8::1 > 2001:db8::2: IP, bad or cut-off header, length 8',
    ],
    [
      'a first fragment',
      '2c',
      '11 00 00 01 00 00 00 07  03 e8 07 d0 05 d0 00 00',
      'frag (0|8) 1000 > 2000: UDP, length 1480',
    ],
    ['a later fragment', '2c', '11 00 05 a8 00 00 00 07  03 e8 07 d0 05 d0 00 00', 'frag (1448|8)'],
  ])('prints %s', (_what, next, payload, text) => {
    expect(line(ip6(next, payload))).toBe(text)
  })

  it.each([
    ['11 c8 00 00 00 00 00 00 00 0a 00 00', 'query v3 [max resp time 5m7s]'],
    ['11 ff 00 00 00 00 00 00 00 0a 00 00', 'query v3 [max resp time 52m54s]'],
    ['11 00 00 00 00 00 00 00 00 00', 'query v1 [len 10]'],
    ['12 00 00 00 e0 00 00 fb 00 00', 'v1 report 224.0.0.251 [len 10]'],
    ['99 00 00 00 00 00 00 00', 'type 0x99, length 8'],
    ['16 00 00 00', 'cut off'],
  ])('prints IGMP %s', (payload, text) => {
    const length = 20 + octets(payload).length
    const header = `45 00 00 ${length.toString(16)} 00 01 00 00 01 02 00 00 0a 00 00 01 0a 00 00 02`
    const packet = octets(`${header} ${payload}`)
    expect(describeLine(packet, 0, packet.length, 'ip')).toBe(`IP 10.0.0.1 > 10.0.0.2: igmp ${text}`)
  })
})

describe('describeLayers', () => {
  it('finds every checksum of the corpus right', () => {
    const wrong: string[] = []
    let right = 0
    for (const { bytes } of corpus) {
      for (const { layer, fields } of describeLayers(bytes, 0, bytes.length, 'ethernet')) {
        for (const { name, value } of fields) {
          if (value.endsWith('(correct)')) right++
          // What a host quotes, it may have changed: Linux does so with the options that it answers.
          if (value.includes('incorrect') && !layer.startsWith('quoted')) wrong.push(`${layer}: ${name}=${value}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(right).toBeGreaterThan(280)
  })

  it('names the fields and the options of a router advertisement', () => {
    expect(layers('IP6 fe80::ff:fe00:a01 > ff02::1: ICMP6, router advertisement, length 224').slice(2)).toEqual([
      'ICMPv6 54-70 type=134 (router advertisement) code=0 checksum=0xa7fa (correct) hop limit=64 flags=other ' +
        'preference=high router lifetime=12 s reachable time=30000 ms retransmission timer=1000 ms',
      'NDP option 70-102 type=3 (prefix info) length=32 octets ' +
        'prefix info=2001:db8:1::/64, on-link autonomous, valid 86400 s, preferred 14400 s',
      'NDP option 102-134 type=3 (prefix info) length=32 octets ' +
        'prefix info=fd00:1::/64, on-link, valid 86400 s, preferred 14400 s',
      'NDP option 134-158 type=24 (route info) length=24 octets route info=2001:db8:2::/48, low, 1800 s',
      'NDP option 158-182 type=24 (route info) length=24 octets route info=::/0, medium, 12 s',
      'NDP option 182-222 type=25 (rdnss) length=40 octets rdnss=2001:db8:1::1 fd00:1::1, 600 s',
      'NDP option 222-262 type=31 (dnssl) length=40 octets dnssl=example.com lab.example, 600 s',
      'NDP option 262-270 type=5 (mtu) length=8 octets mtu=1500',
      'NDP option 270-278 type=1 (source link-address) length=8 octets source link-address=02:00:00:00:0a:01',
    ])
  })

  it('names the fields of an advertisement of a neighbour, and of a solicitation with a nonce', () => {
    const advertisement =
      'IP6 2001:db8:1::1 > 2001:db8:1::ff:fe00:a02: ICMP6, neighbor advertisement, tgt is 2001:db8:1::1, length 32'
    expect(layers(advertisement).slice(2)).toEqual([
      'ICMPv6 54-78 type=136 (neighbor advertisement) code=0 checksum=0xf76f (correct) ' +
        'flags=router solicited override target address=2001:db8:1::1',
      'NDP option 78-86 type=2 (destination link-address) length=8 octets destination link-address=02:00:00:00:0a:01',
    ])
    const solicitation = 'IP6 :: > ff02::1:ff00:a02: ICMP6, neighbor solicitation, who has fe80::ff:fe00:a02, length 32'
    expect(layers(solicitation).at(-1)).toBe('NDP option 78-86 type=14 (nonce) length=8 octets nonce=52aac35ae121')
  })

  it('names the fields of a redirect', () => {
    const redirect =
      'IP6 fe80::ff:fe00:a01 > 2001:db8:1::ff:fe00:a02: ICMP6, redirect, 2001:db8:51::1 to 2001:db8:51::1, length 160'
    expect(layers(redirect).slice(2)).toEqual([
      'ICMPv6 54-94 type=137 (redirect) code=0 checksum=0x0f97 (correct) target address=2001:db8:51::1 ' +
        'destination address=2001:db8:51::1',
      'NDP option 94-102 type=2 (destination link-address) length=8 octets destination link-address=02:00:00:00:0a:51',
      'NDP option 102-214 type=4 (redirected header) length=112 octets redirected header=104 octets',
    ])
  })

  it('gives each extension header a layer', () => {
    const fragment = 'IP6 2001:db8:1::ff:fe00:a02 > 2001:db8:1::1: HBH DSTOPT frag (0|1432) 50613 > 9: UDP, length 3000'
    expect(layers(fragment).slice(2, 5)).toEqual([
      'hop-by-hop options 54-62 next header=60 (destination options) length=8 octets option=router alert 0 option=padn 0',
      'destination options 62-70 next header=44 (fragment) length=8 octets option=option 0x1e length 2 option=padn 0',
      'fragment 70-78 next header=17 (UDP) fragment offset=0 more fragments=yes identification=0x86c928da',
    ])
  })

  it('gives the segments of a routing header, and no checksum where the last of them is still to come', () => {
    const segments =
      'IP6 2001:db8:1::ff:fe00:a02 > 2001:db8:1::1: RT6 (len=4, type=4, segleft=1, last-entry=1, tag=0, [0]2001:db8:61::1, [1]2001:db8:1::1) ICMP6, echo request, id 55386, seq 1, length 64'
    expect(layers(segments).slice(2, 4)).toEqual([
      'routing 54-94 next header=58 (ICMPv6) length=40 octets routing type=4 segments left=1 ' +
        'segment=[0]2001:db8:61::1 segment=[1]2001:db8:1::1',
      'ICMPv6 94-102 type=128 (echo request) code=0 checksum=0xf40f identifier=55386 sequence number=1',
    ])
  })

  it('names the fields of queries and reports of multicast groups', () => {
    const query =
      'IP6 2001:db8:1::1 > ff35::1234: HBH ICMP6, multicast listener query v2 [gaddr ff35::1234, 2 source(s)], length 60'
    expect(layers(query).at(-1)).toBe(
      'ICMPv6 62-122 type=130 (multicast listener query) code=0 checksum=0xcb1d (correct) maximum response time=1000 ms ' +
        'group address=ff35::1234 suppress=no robustness=2 query interval=125 s sources=2 source=2001:db8::2 ' +
        'source=2001:db8::1',
    )
    const query4 = 'IP 0.0.0.0 > 232.1.2.3: igmp query v3 [max resp time 1.0s] [gaddr 232.1.2.3, 2 source(s)]'
    expect(layers(query4).at(-1)).toBe(
      'IGMP 38-58 type=0x11 (query) maximum response time=1000 ms checksum=0x7e6d (correct) group address=232.1.2.3 ' +
        'suppress=no robustness=2 query interval=125 s sources=2 source=192.0.2.2 source=192.0.2.1',
    )
    const report = 'IP6 :: > ff02::16: HBH ICMP6, multicast listener report v2, 3 group record(s), length 68'
    expect(layers(report).slice(3, 5)).toEqual([
      'ICMPv6 62-70 type=143 (multicast listener report v2) code=0 checksum=0x3cd3 (correct) group records=3',
      'group record 70-90 type=4 (to_ex) group=ff02::1:fff2:2b8e',
    ])
  })

  it('says of options, records and NDP options that are cut off or malformed that they are', () => {
    expect(described(ip6('00', '3b 00 c2 05 00 00 00 00'), 'ip').at(-1)).toContain('option=bad option 0xc2')
    expect(described(ip6('3a', '8f 00 00 00 00 00 00 02 01 00'), 'ip').at(-1)).toBe(
      'group record 48-50 cut off=2 octets',
    )
    expect(described(ip6('3a', '85 00 00 00 00 00 00 00 01 00 00'), 'ip').at(-1)).toBe(
      'NDP option 48-51 cut off=3 octets',
    )
    expect(described(ip6('3a', '85 00 00 00 00 00 00 00 18 01 81 00 00 00 00 00'), 'ip').at(-1)).toBe(
      'NDP option 48-56 type=24 (route info) length=8 octets route info=malformed',
    )
  })
})
