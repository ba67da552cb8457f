import { icmpText } from './icmp-names.ts'
import type { SeenPacket } from './packet-reader.ts'
import type { IpFields, Outer, Ports, TcpFields, TcpOption, TransportFields } from './script.ts'
import { flagsText } from './tcp-flags.ts'

function hex(data: readonly number[]): string {
  return data.map((octet) => octet.toString(16).padStart(2, '0')).join('')
}

export function optionText(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`
    case 'TS':
      return `TS val ${option.val} ecr ${option.ecr}`
    case 'FO':
    case 'FOEXP':
    case 'md5':
      return option.data.length === 0 ? option.kind : `${option.kind} ${hex(option.data)}`
    case 'ECN': {
      const names = option.e1First ? ['e1b', 'ceb', 'e0b'] : ['e0b', 'ceb', 'e1b']
      return `ECN ${option.counters.map((counter, i) => `${names[i]} ${counter}`).join(' ')}`
    }
    case 'unknown':
      return `option-${option.number} ${hex(option.data)}`
    default:
      return option.kind
  }
}

function portsText(ports: Ports | null): string {
  return ports === null ? '' : `[${ports.source} > ${ports.destination}] `
}

function tcpText(tcp: TcpFields): string {
  let text = `${portsText(tcp.ports)}${flagsText(tcp.flags)} ${tcp.seq}:${(tcp.seq + tcp.length) % 0x100000000}(${tcp.length})`
  if (tcp.flags & 0x10 || tcp.ack !== 0) text += ` ack ${tcp.ack}`
  if (tcp.window !== null) text += ` win ${tcp.window}`
  if (tcp.urgent !== 0) text += ` urg ${tcp.urgent}`
  if (tcp.options === null) text += ' <...>'
  else if (tcp.options.length > 0) text += ` <${tcp.options.map(optionText).join(',')}>`
  return text
}

/** A packet in the script's notation, without its time and direction. */
export function transportText(transport: TransportFields): string {
  if (transport.protocol === 'tcp') return tcpText(transport)
  if (transport.protocol === 'udp') return `udp ${portsText(transport.ports)}(${transport.length})`
  let text = `icmp ${icmpText(transport.version, transport.type, transport.code)}`
  if (transport.mtu !== null) text += ` mtu ${transport.mtu}`
  const quoted = transport.quoted
  if (quoted?.protocol === 'tcp') text += ` [${quoted.seq}:${quoted.seq + quoted.length}(${quoted.length})]`
  else if (quoted !== null) text += ` [${quoted.protocol} (${quoted.length})]`
  return text
}

export function ipText(ip: IpFields): string {
  const parts: string[] = []
  if (ip.ecn !== null) parts.push(ip.ecn)
  if (ip.tos !== null) parts.push(`tos 0x${ip.tos.toString(16).padStart(2, '0')}`)
  if (ip.ttl !== null) parts.push(`ttl ${ip.ttl}`)
  if (ip.flowLabel !== null) parts.push(`flowlabel 0x${ip.flowLabel.toString(16)}`)
  return parts.length === 0 ? '' : `[${parts.join(', ')}] `
}

/** A header of a tunnel; of the optional fields of GRE only those that `as` has. */
export function outerText(outer: Outer, as: Outer = outer): string {
  if (outer.kind === 'mpls') {
    const labels = outer.labels.map(
      ({ label, trafficClass, bottom, ttl }) =>
        `(label ${label}, tc ${trafficClass}, ${bottom ? '[S], ' : ''}ttl ${ttl})`,
    )
    return `mpls ${labels.join(' ')}`
  }
  if (outer.kind !== 'gre') return `${outer.kind} ${outer.source} > ${outer.destination}`
  if (as.kind !== 'gre') return 'gre'
  let text = `gre flags 0x${outer.flags.toString(16).padStart(4, '0')}`
  if (as.checksum !== null) text += `,sum ${outer.checksum}`
  if (as.offset !== null) text += `,off ${outer.offset}`
  if (as.key !== null) text += `,key ${outer.key}`
  if (as.sequence !== null) text += `,seq ${outer.sequence}`
  return text
}

/** Seconds with six digits. */
export function timeText(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6)
}

/** A packet of the stack as a line of a script; without ports where the script gave none. */
export function seenText(seen: SeenPacket, withPorts: boolean): string {
  const transport =
    withPorts || seen.transport.protocol === 'icmp' ? seen.transport : { ...seen.transport, ports: null }
  const tos = seen.tos === 0 ? '' : `[tos 0x${seen.tos.toString(16).padStart(2, '0')}] `
  const outer = seen.outer.map(({ header }) => `${outerText(header)} : `).join('')
  return `${timeText(seen.at)} > ${outer}${tos}${transportText(transport)}`
}
