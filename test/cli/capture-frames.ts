import { octets } from '../device/recorder.ts'

// Frames of every kind that a filter tells apart, by name.
const H1 = '02 00 00 00 00 01'
const H2 = '02 00 00 00 00 02'
const ALL = 'ff ff ff ff ff ff'

const A1 = '0a 00 00 01'
const A2 = '0a 00 00 02'
const B1 = 'c0 a8 01 07'
const V1 = '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'
const V2 = '20 01 0d b8 00 00 00 01 00 00 00 00 00 00 00 02'

function ipv4(protocol: string, source: string, destination: string, payload: string, fragment = '00 00'): string {
  const length = (20 + octets(payload).length).toString(16).padStart(4, '0')
  return `45 00 ${length.slice(0, 2)} ${length.slice(2)} 00 01 ${fragment} 40 ${protocol} 00 00 ${source} ${destination} ${payload}`
}

function ipv6(next: string, source: string, destination: string, payload: string): string {
  const length = octets(payload).length.toString(16).padStart(4, '0')
  return `60 00 00 00 ${length.slice(0, 2)} ${length.slice(2)} ${next} 40 ${source} ${destination} ${payload}`
}

const tcp = (source: string, destination: string) =>
  `${source} ${destination} 00 00 00 01 00 00 00 02 50 10 ff ff 00 00 00 00`
const udp = (source: string, destination: string) => `${source} ${destination} 00 0c 00 00 01 02 03 04`

const PORT_80 = '00 50'
const PORT_53 = '00 35'
const PORT_4242 = '10 92'

const frames: Record<string, string> = {
  'tcp to 80': `${H2} ${H1} 08 00 ${ipv4('06', A1, A2, tcp(PORT_4242, PORT_80))}`,
  'tcp from 80': `${H1} ${H2} 08 00 ${ipv4('06', A2, A1, tcp(PORT_80, PORT_4242))}`,
  'tcp elsewhere': `${H2} ${H1} 08 00 ${ipv4('06', A1, B1, tcp(PORT_4242, '01 bb'))}`,
  'udp to 53': `${H2} ${H1} 08 00 ${ipv4('11', B1, A2, udp(PORT_4242, PORT_53))}`,
  'udp to 80': `${H2} ${H1} 08 00 ${ipv4('11', A1, A2, udp(PORT_4242, PORT_80))}`,
  'udp between 53': `${H2} ${H1} 08 00 ${ipv4('11', A1, A2, udp(PORT_53, PORT_53))}`,
  'udp first fragment': `${H2} ${H1} 08 00 ${ipv4('11', A1, A2, udp(PORT_4242, PORT_53), '20 00')}`,
  'udp later fragment': `${H2} ${H1} 08 00 ${ipv4('11', A1, A2, `${PORT_53} ${PORT_53} 01 02 03 04`, '00 02')}`,
  'icmp echo': `${H2} ${H1} 08 00 ${ipv4('01', A1, A2, '08 00 00 00 00 01 00 01')}`,
  igmp: `01 00 5e 00 00 16 ${H1} 08 00 ${ipv4('02', A1, 'e0 00 00 16', '22 00 00 00 00 00 00 00')}`,
  'udp broadcast': `${ALL} ${H1} 08 00 ${ipv4('11', A1, 'ff ff ff ff', udp('00 44', '00 43'))}`,
  'arp request': `${ALL} ${H1} 08 06 00 01 08 00 06 04 00 01 ${H1} ${A1} 00 00 00 00 00 00 ${A2}`,
  'arp reply': `${H1} ${H2} 08 06 00 01 08 00 06 04 00 02 ${H2} ${A2} ${H1} ${A1}`,
  'tcp6 to 80': `${H2} ${H1} 86 dd ${ipv6('06', V1, V2, tcp(PORT_4242, PORT_80))}`,
  'udp6 from 53': `${H1} ${H2} 86 dd ${ipv6('11', V2, V1, udp(PORT_53, PORT_4242))}`,
  'icmp6 solicitation': `33 33 ff 00 00 02 ${H1} 86 dd ${ipv6('3a', V1, 'ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 02', '87 00 00 00 00 00 00 00')}`,
  'something else': `${H2} ${H1} 88 cc 01 02 03 04`,
  'long tcp': `${H2} ${H1} 08 00 ${ipv4('06', A2, A1, `${tcp(PORT_4242, PORT_4242)} ${'00 '.repeat(900)}`)}`,
}

/** Frames that have a VLAN tag or extension headers: there tcpdump looks elsewhere, or asks to be told. */
const layered: Record<string, string> = {
  'tagged tcp to 80': `${H2} ${H1} 81 00 20 64 08 00 ${ipv4('06', A1, A2, tcp(PORT_4242, PORT_80))}`,
  'tcp6 to 80 behind options': `${H2} ${H1} 86 dd ${ipv6('00', V1, V2, `06 00 01 04 00 00 00 00 ${tcp(PORT_4242, PORT_80)}`)}`,
  'udp6 later fragment': `${H2} ${H1} 86 dd ${ipv6('2c', V1, V2, `11 00 00 10 00 00 00 01 ${PORT_53} ${PORT_53}`)}`,
}

function made(texts: Record<string, string>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, octets(text)]))
}

export const FRAMES: ReadonlyMap<string, Uint8Array> = made(frames)
export const LAYERED: ReadonlyMap<string, Uint8Array> = made(layered)

/** Filters that tcpdump has too, and what each is for. */
export const FILTERS: readonly string[] = [
  '',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'igmp',
  'arp',
  'ip',
  'ip6',
  'ether host 02:00:00:00:00:02',
  'ether src 02:00:00:00:00:02',
  'ether dst host ff:ff:ff:ff:ff:ff',
  'host 10.0.0.1',
  'src host 10.0.0.1',
  'dst 10.0.0.1',
  'ip host 10.0.0.2',
  'arp host 10.0.0.2',
  'src or dst host 192.168.1.7',
  'src and dst net 10.0.0.0/8',
  'net 10.0.0.0/30',
  'net 192.168.0.0/16',
  'dst net 192.168.1.0/29',
  'host 2001:db8::1',
  'src host 2001:db8::1',
  'net 2001:db8:0:1::/64',
  'ip6 net 2001:db8::/31',
  'port 80',
  'tcp port 80',
  'tcp src port 80',
  'udp dst port 53',
  'src and dst port 53',
  'port domain',
  'tcp port http or udp port domain',
  'portrange 50-60',
  'tcp dst portrange 1-1023',
  'ip6 and port 53',
  'tcp port 80 and host 10.0.0.1',
  'port 53 or 80',
  'host 10.0.0.1 and not port 80 and not arp',
  '!tcp && !udp',
  'not (tcp or udp or arp)',
  // "and" and "or" bind alike, from the left.
  'icmp or tcp and port 443',
  'icmp or (tcp and port 443)',
  'broadcast',
  'ether broadcast',
  'multicast',
  'ether multicast',
  'ip multicast',
  'ip6 multicast',
  'ip proto 1',
  'ip proto \\tcp',
  'ip6 proto 58',
  'proto 17',
  'less 60',
  'greater 500',
  'host 10.0.0.1 or 192.168.1.7',
  'tcp[tcpflags] & tcp-ack != 0',
  'tcp[tcpflags] & (tcp-syn|tcp-fin) == 0 and tcp port 80',
  'tcp[13]=16',
  'ip[0] & 0xf != 5',
  'ip[8]=64 and ip[6:2] & 0x1fff = 0',
  'icmp[icmptype] = icmp-echo',
  'icmp6[0] == 135 or icmp6[icmp6type] == 136',
  'ether[0] & 1 = 1',
  'arp[6:2] == 1',
  'ip6[6] == 17',
  'udp[4:2] > 8 and len >= 40 and 20<len',
  'tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)',
  '(tcp or udp) and not (ip[9]+1)*2 = 14',
]
