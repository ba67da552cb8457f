import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeLayers, describeLine } from '../../src/wire/describe.ts'
import { packet } from '../device/packets.ts'
import { counting, octets } from '../device/recorder.ts'

function line(text: string | Uint8Array, medium: 'ethernet' | 'ip' = 'ethernet'): string {
  const bytes = typeof text === 'string' ? octets(text) : text
  // In the middle of a larger buffer, whose octets must not be read.
  const around = new Uint8Array(bytes.length + 40).fill(0xee)
  around.set(bytes, 20)
  return describeLine(around, 20, 20 + bytes.length, medium)
}

function layers(text: string | Uint8Array, medium: 'ethernet' | 'ip' = 'ethernet'): string[] {
  const bytes = typeof text === 'string' ? octets(text) : text
  return describeLayers(bytes, 0, bytes.length, medium).map(
    ({ layer, fields, start, end }) =>
      `${layer} ${start}-${end} ${fields.map((field) => `${field.name}=${field.value}@${field.start}-${field.end}`).join(' ')}`,
  )
}

// Captured between two network namespaces of Linux; the lines are those that tcpdump -n -S printed for them.
const ETHERNET = 'b6 aa 2d c8 56 99  32 17 32 b3 f1 0f'
const ARP_REQUEST = `ff ff ff ff ff ff  32 17 32 b3 f1 0f  08 06
  00 01 08 00 06 04 00 01  32 17 32 b3 f1 0f  0a 09 00 01  00 00 00 00 00 00  0a 09 00 02`
const ARP_REPLY = `32 17 32 b3 f1 0f  b6 aa 2d c8 56 99  08 06
  00 01 08 00 06 04 00 02  b6 aa 2d c8 56 99  0a 09 00 02  32 17 32 b3 f1 0f  0a 09 00 01`
const SYN = `${ETHERNET} 08 00
  45 00 00 3c  3d fd 40 00  40 06 e8 aa  0a 09 00 01  0a 09 00 02
  a3 02 1f 40  32 8e 65 2a  00 00 00 00  a0 02 fa f0  b5 bd 00 00
  02 04 05 b4  04 02  08 0a 9b d1 8d 6d 00 00 00 00  01  03 03 0a`
const DATA = `${ETHERNET} 08 00
  45 00 00 3a  3d ff 40 00  40 06 e8 aa  0a 09 00 01  0a 09 00 02
  a3 02 1f 40  32 8e 65 2b  f2 31 b6 2e  80 18 00 3f  86 c4 00 00
  01 01 08 0a 9b d1 8d 6e 1d fa 4e 24
  68 65 6c 6c 6f 0a`
const RESET = `${ETHERNET} 08 00
  45 00 00 28  00 00 40 00  40 06 26 bc  0a 09 00 02  0a 09 00 01
  1f 41 ce ca  00 00 00 00  fd 5c 9a 7e  50 14 00 00  15 d5 00 00`
const UNREACHABLE = `${ETHERNET} 08 00
  45 c0 00 3b  52 2b 00 00  40 01 13 c3  0a 09 00 02  0a 09 00 01
  03 03 11 2e  00 00 00 00
  45 00 00 1f  ab 2c 40 00  40 11 7b 8d  0a 09 00 01  0a 09 00 02
  b1 7c 27 0f  00 0b a0 ce
  68 69 0a`
const SYN6 = `${ETHERNET} 86 dd
  60 06 c6 e4  00 28 06 40
  fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
  fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02
  8c c6 1f 41  4b b8 3d e3  00 00 00 00  a0 02 fd 20  45 8e 00 00
  02 04 05 a0  04 02  08 0a 32 80 a3 3a 00 00 00 00  01  03 03 0a`

const IP = '45 00 00 LL  12 34 00 00  40 PP 00 00  0a 00 00 01  0a 00 00 02'

/** An IPv4 packet with this payload. */
function ip(protocol: number, payload: string, fragment = '00 00'): string {
  const length = 20 + octets(payload).length
  const hexOf = (value: number) => value.toString(16).padStart(2, '0')
  return `${IP.replace('LL', hexOf(length)).replace('PP', hexOf(protocol)).replace('12 34 00 00', `12 34 ${fragment}`)} ${payload}`
}

const QUOTED = '45 00 00 40  ab 2c 40 00  40 11 00 00  0a 00 00 01  0a 09 00 02  b1 7c 27 0f  00 2c a0 ce'

describe('describeLine', () => {
  it.each([
    [ARP_REQUEST, 'ARP, Request who-has 10.9.0.2 tell 10.9.0.1, length 28'],
    [ARP_REPLY, 'ARP, Reply 10.9.0.2 is-at b6:aa:2d:c8:56:99, length 28'],
    [
      SYN,
      'IP 10.9.0.1.41730 > 10.9.0.2.8000: Flags [S], seq 848192810, win 64240, options [mss 1460,sackOK,TS val 2614201709 ecr 0,nop,wscale 10], length 0',
    ],
    [
      DATA,
      'IP 10.9.0.1.41730 > 10.9.0.2.8000: Flags [P.], seq 848192811:848192817, ack 4063344174, win 63, options [nop,nop,TS val 2614201710 ecr 502943268], length 6',
    ],
    [RESET, 'IP 10.9.0.2.8001 > 10.9.0.1.52938: Flags [R.], seq 0, ack 4250704510, win 0, length 0'],
    [UNREACHABLE, 'IP 10.9.0.2 > 10.9.0.1: ICMP 10.9.0.2 udp port 9999 unreachable, length 39'],
    [
      SYN6,
      'IP6 fd00::1.36038 > fd00::2.8001: Flags [S], seq 1270365667, win 64800, options [mss 1440,sackOK,TS val 847291194 ecr 0,nop,wscale 10], length 0',
    ],
  ])('prints a captured frame as tcpdump does (%#)', (frame, text) => {
    expect(line(frame)).toBe(text)
  })

  it('prints a packet without a link header', () => {
    expect(line(octets(SYN).subarray(14), 'ip')).toMatch(/^IP 10\.9\.0\.1\.41730 > 10\.9\.0\.2\.8000: Flags \[S\]/)
  })

  it.each([
    ['00', 'none'],
    ['01', 'F'],
    ['ff', 'FSRP.UEW'],
  ])('prints flags %s as [%s]', (flags, letters) => {
    expect(line(ip(6, `00 01 00 02  00 00 00 03  00 00 00 04  50 ${flags} 00 05  00 00 00 06`), 'ip')).toContain(
      `Flags [${letters}]`,
    )
  })

  it('prints the urgent pointer, SACK blocks, user timeout, fast open, unknown and bad options', () => {
    const tcp = '00 01 00 02  00 00 00 03  00 00 00 04  d0 30 00 05  00 00 00 06'
    const options =
      '05 0a 00 00 00 01 00 00 00 02  1c 04 80 05  22 06 de ad be ef  22 02  fd 04 f9 89  02 09 00 00 00 00'
    expect(line(ip(6, `${tcp} ${options}`), 'ip')).toBe(
      'IP 10.0.0.1.1 > 10.0.0.2.2: Flags [.U], ack 4, win 5, urg 6, options [sack 1 {1:2},uto 5 minutes,tfo cookie deadbeef,tfo cookiereq,option 253 length 4,bad option 2], length 0',
    )
  })

  it('prints sequence numbers that wrap', () => {
    const tcp = '00 01 00 02  ff ff ff fe  00 00 00 00  50 10 00 05  00 00 00 00  01 02 03 04'
    expect(line(ip(6, tcp), 'ip')).toContain('seq 4294967294:2,')
  })

  it.each([
    ['08 00 00 00  00 07 00 09', 'ICMP echo request, id 7, seq 9, length 8'],
    ['00 00 00 00  00 07 00 09', 'ICMP echo reply, id 7, seq 9, length 8'],
    [`03 00 00 00  00 00 00 00  ${QUOTED}`, 'ICMP net 10.9.0.2 unreachable, length 36'],
    [`03 01 00 00  00 00 00 00  ${QUOTED}`, 'ICMP host 10.9.0.2 unreachable, length 36'],
    [`03 02 00 00  00 00 00 00  ${QUOTED}`, 'ICMP 10.9.0.2 protocol 17 unreachable, length 36'],
    [`03 04 00 00  00 00 05 78  ${QUOTED}`, 'ICMP 10.9.0.2 unreachable - need to frag (mtu 1400), length 36'],
    [`03 0d 00 00  00 00 00 00  ${QUOTED}`, 'ICMP 10.9.0.2 unreachable - admin prohibited, length 36'],
    [`0b 00 00 00  00 00 00 00  ${QUOTED}`, 'ICMP time exceeded in-transit, length 36'],
    [`0b 01 00 00  00 00 00 00  ${QUOTED}`, 'ICMP ip reassembly time exceeded, length 36'],
    [`0c 00 00 00  14 00 00 00  ${QUOTED}`, 'ICMP parameter problem - octet 20, length 36'],
    [`05 01 00 00  0a 00 00 63  ${QUOTED}`, 'ICMP redirect 10.9.0.2 to host 10.0.0.99, length 36'],
    ['03 03 00 00  00 00 00 00', 'ICMP ? port ? unreachable, length 8'],
    ['04 00 00 00  00 00 00 00', 'ICMP source quench, length 8'],
    ['63 02 00 00  00 00 00 00', 'ICMP type 99, code 2, length 8'],
  ])('prints ICMP %#', (icmp, text) => {
    expect(line(ip(1, icmp), 'ip')).toBe(`IP 10.0.0.1 > 10.0.0.2: ${text}`)
  })

  it('prints UDP, other protocols, other Ethernet types and VLAN tags', () => {
    expect(line(ip(17, '00 35 10 00 00 0a 00 00 01 02'), 'ip')).toBe('IP 10.0.0.1.53 > 10.0.0.2.4096: UDP, length 2')
    expect(line(ip(99, '01 02 03'), 'ip')).toBe('IP 10.0.0.1 > 10.0.0.2: protocol 99, length 3')
    expect(line(`${ETHERNET} 88 cc 01 02`)).toBe('ethertype 0x88cc, length 16')
    expect(line(`${ETHERNET} 81 00 20 05 08 00 ${ip(17, '00 35 10 00 00 08 00 00')}`)).toBe(
      'IP 10.0.0.1.53 > 10.0.0.2.4096: UDP, length 0',
    )
  })

  it('prints fragments with their identification, length and offset', () => {
    expect(line(ip(17, '00 35 10 00 05 d0 00 00', '20 00'), 'ip')).toBe(
      'IP 10.0.0.1.53 > 10.0.0.2.4096: UDP, length 1480 (frag 4660:8@0+)',
    )
    expect(line(ip(17, '01 02 03 04 05 06 07 08', '20 b9'), 'ip')).toBe(
      'IP 10.0.0.1 > 10.0.0.2: UDP (frag 4660:8@1480+)',
    )
    expect(line(ip(6, '01 02', '00 b9'), 'ip')).toBe('IP 10.0.0.1 > 10.0.0.2: TCP (frag 4660:2@1480)')
  })

  it('counts the length by the IP header where fewer octets were captured', () => {
    expect(line(octets(DATA).subarray(0, 14 + 20 + 32))).toMatch(/, length 6$/)
  })

  it('says of what is cut off or bad that it is', () => {
    expect(line('00 01 02')).toBe('Ethernet, cut off, length 3')
    expect(line(`${ETHERNET} 08 00`)).toBe('IP, bad or cut-off header, length 0')
    expect(line(`${ETHERNET} 08 06 00 01`)).toBe('ARP, not IPv4 over Ethernet or cut off, length 2')
    expect(line('15 00 00 00', 'ip')).toBe('IP, bad or cut-off header, length 4')
    expect(line(ip(6, '00 01'), 'ip')).toBe('IP 10.0.0.1 > 10.0.0.2: TCP, cut off')
    expect(line(ip(6, '00 01 00 02 00'), 'ip')).toBe('IP 10.0.0.1.1 > 10.0.0.2.2: TCP, bad or cut-off header')
    expect(line(ip(17, '00 01 00 02 00'), 'ip')).toBe('IP 10.0.0.1 > 10.0.0.2: UDP, cut off')
    expect(line(ip(17, '00 01 00 02 00 07 00 00'), 'ip')).toBe('IP 10.0.0.1.1 > 10.0.0.2.2: UDP, bad length 7')
    expect(line(ip(1, '08 00'), 'ip')).toBe('IP 10.0.0.1 > 10.0.0.2: ICMP cut off')
  })
})

describe('describeLayers', () => {
  it('names every field of Ethernet, IPv4 and TCP with the octets it was read from', () => {
    expect(layers(SYN)).toEqual([
      'Ethernet 0-14 destination=b6:aa:2d:c8:56:99@0-6 source=32:17:32:b3:f1:0f@6-12 type=0x0800 (IPv4)@12-14',
      'IPv4 14-34 version=4@14-15 header length=20@14-15 DSCP=0@15-16 ECN=Not-ECT@15-16 total length=60@16-18 ' +
        'identification=0x3dfd@18-20 flags=DF@20-21 fragment offset=0@20-22 time to live=64@22-23 protocol=6 (TCP)@23-24 ' +
        'header checksum=0xe8aa (correct)@24-26 source address=10.9.0.1@26-30 destination address=10.9.0.2@30-34',
      'TCP 34-74 source port=41730@34-36 destination port=8000@36-38 sequence number=848192810@38-42 ' +
        'acknowledgment number=0@42-46 data offset=40 octets@46-47 flags=SYN@46-48 window=64240@48-50 ' +
        'checksum=0xb5bd (correct)@50-52 urgent pointer=0@52-54 option=mss 1460@54-58 option=sackOK@58-60 ' +
        'option=TS val 2614201709 ecr 0@60-70 option=nop@70-71 option=wscale 10@71-74',
    ])
  })

  it('names the fields of ARP, and the padding behind it', () => {
    expect(layers(`${ARP_REQUEST} ${'00 '.repeat(18)}`)).toEqual([
      'Ethernet 0-14 destination=ff:ff:ff:ff:ff:ff (broadcast)@0-6 source=32:17:32:b3:f1:0f@6-12 type=0x0806 (ARP)@12-14',
      'ARP 14-42 hardware type=1 (Ethernet)@14-16 protocol type=0x0800 (IPv4)@16-18 hardware length=6@18-19 ' +
        'protocol length=4@19-20 operation=1 (request)@20-22 sender hardware address=32:17:32:b3:f1:0f@22-28 ' +
        'sender protocol address=10.9.0.1@28-32 target hardware address=00:00:00:00:00:00@32-38 ' +
        'target protocol address=10.9.0.2@38-42',
      'padding 42-60 padding=18 octets@42-60',
    ])
  })

  it('describes the packet that an ICMP error quotes', () => {
    expect(
      layers(UNREACHABLE)
        .map((text) => text.replace(/@\d+-\d+/g, ''))
        .slice(2),
    ).toEqual([
      'ICMP 34-42 type=3 (destination unreachable) code=3 checksum=0x112e (correct)',
      'quoted IPv4 42-62 version=4 header length=20 DSCP=0 ECN=Not-ECT total length=31 identification=0xab2c flags=DF ' +
        'fragment offset=0 time to live=64 protocol=17 (UDP) header checksum=0x7b8d (correct) source address=10.9.0.1 ' +
        'destination address=10.9.0.2',
      'quoted UDP 62-70 source port=45436 destination port=9999 length=11 checksum=0xa0ce (correct)',
      'quoted data 70-73 data=3 octets',
    ])
  })

  it('of a quoted TCP header of eight octets gives the ports and the sequence number', () => {
    const quoted = '45 00 00 40  ab 2c 40 00  40 06 00 00  0a 00 00 01  0a 09 00 02  b1 7c 27 0f  00 00 00 07'
    expect(layers(ip(1, `0b 00 00 00  00 00 00 00 ${quoted}`), 'ip').slice(3)).toEqual([
      'quoted TCP 48-56 source port=45436@48-50 destination port=9999@50-52 sequence number=7@52-56',
      'quoted rest of TCP 56-56 cut off=0 octets@56-56',
    ])
  })

  it('an error that quotes an error is not followed further', () => {
    const inner = ip(1, `03 01 00 00  00 00 00 00  ${QUOTED}`)
    const names = layers(ip(1, `03 01 00 00  00 00 00 00  ${inner}`), 'ip').map((text) => text.split(/ \d/)[0])
    expect(names).toEqual(['IPv4', 'ICMP', 'quoted IPv4', 'quoted ICMP', 'quoted data'])
  })

  for (const version of [4, 6] as const) {
    for (const protocol of ['tcp', 'udp'] as const) {
      it(`says whether the checksum of ${protocol} over IPv${version} is right, and what it should be`, () => {
        const { bytes } = packet(counting(33), { version, protocol })
        expect(layers(bytes).at(-2)).toContain('(correct)')
        bytes[bytes.length - 1] = 0
        expect(layers(bytes).at(-2)).toMatch(/checksum=0x[0-9a-f]{4} \(incorrect, should be 0x[0-9a-f]{4}\)/)
        // Cut short, nobody can tell.
        expect(layers(bytes.subarray(0, bytes.length - 1)).at(-2)).toMatch(/checksum=0x[0-9a-f]{4}@/)
      })
    }
  }

  it('says that a UDP checksum of zero is none, and that an IPv4 header checksum is wrong', () => {
    const described = layers(ip(17, '00 01 00 02 00 08 00 00'), 'ip')
    expect(described[1]).toContain('checksum=0x0000 (none)')
    expect(described[0]).toMatch(/header checksum=0x0000 \(incorrect, should be 0x[0-9a-f]{4}\)/)
  })

  it('names the fields of IPv6', () => {
    expect(layers(SYN6)[1]).toBe(
      'IPv6 14-54 version=6@14-15 DSCP=0@14-16 ECN=Not-ECT@14-16 flow label=0x6c6e4@15-18 payload length=40@18-20 ' +
        'next header=6 (TCP)@20-21 hop limit=64@21-22 source address=fd00::1@22-38 destination address=fd00::2@38-54',
    )
  })

  it('whatever the octets there is a line, and layers whose fields lie in the frame', () => {
    const seeds = [ARP_REQUEST, SYN, DATA, UNREACHABLE, SYN6].map((text) => octets(text))
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 5 }),
        fc.nat(90),
        fc.constantFrom('ethernet' as const, 'ip' as const),
        (seed, changes, length, medium) => {
          const bytes = (medium === 'ip' ? seed.subarray(14) : seed).slice(0, length)
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
          expect(describeLine(bytes, 0, bytes.length, medium)).not.toMatch(/undefined|NaN/)
          for (const { start, end, fields } of describeLayers(bytes, 0, bytes.length, medium)) {
            for (const field of [{ start, end, value: '' }, ...fields]) {
              expect(field.start).toBeGreaterThanOrEqual(0)
              expect(field.end).toBeGreaterThanOrEqual(field.start)
              expect(field.end).toBeLessThanOrEqual(bytes.length)
              expect(field.value).not.toMatch(/undefined|NaN/)
            }
          }
        },
      ),
      { numRuns: 1500, seed: 1 },
    )
  })
})
