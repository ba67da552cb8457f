// Read first: the sections that stand beside the notes.
//
// What each field of a described packet is for, in a line, and where that is written. Keyed by layer and field as describeLayers names
// them; what all options of TCP have in common stands under 'option', each kind of them in OPTION_NOTES.

/** What a field is for, and the section that says so. */
export type FieldNote = readonly [note: string, source: string]

type Notes = Readonly<Record<string, FieldNote>>

const DSCP: FieldNote = ['Which kind of service the packet asks for from routers.', 'RFC 2474 3']
const ECN: FieldNote = ['Whether congestion may be marked here in place of a drop, and whether it was.', 'RFC 3168 5']
const NEXT: FieldNote = ['What follows this header.', 'RFC 8200 4']
const EXTENSION_LENGTH: FieldNote = [
  'How long this header is; in it, as a count of eights behind the first eight octets.',
  'RFC 8200 4',
]
const OPTION6: FieldNote = [
  'A type, a length, and what it says; the highest bits tell what to do if it is not known.',
  'RFC 8200 4.2',
]
const CHECKSUM6 = 'covers the whole message and a pseudo header with the addresses.'

export const FIELD_NOTES: Readonly<Record<string, Notes>> = {
  Ethernet: {
    destination: ['Which interface on this link takes the frame; it changes at each hop.', 'IEEE 802.3 3.2.4'],
    source: ['Which interface on this link has sent it.', 'IEEE 802.3 3.2.5'],
    type: ['What the frame carries: from 0x0600 on a protocol, below that a length.', 'IEEE 802.3 3.2.6'],
    priority: ['How urgent the frame is, from 0 to 7.', 'IEEE 802.1Q 6.9'],
    VLAN: ['Which of the networks that share the wire it belongs to.', 'IEEE 802.1Q 9.6'],
  },
  ARP: {
    'hardware type': ['Which kind of link the hardware addresses are of: 1 is Ethernet.', 'RFC 826'],
    'protocol type': ['Whose addresses are asked about, told as an EtherType.', 'RFC 826'],
    'hardware length': ['Octets of a hardware address.', 'RFC 826'],
    'protocol length': ['Octets of a protocol address.', 'RFC 826'],
    operation: ['1 asks who has an address, 2 answers.', 'RFC 826'],
    'sender hardware address': ['Where answers go; whoever hears it may learn it.', 'RFC 826'],
    'sender protocol address': ['Who asks or answers.', 'RFC 826'],
    'target hardware address': ['What is asked for: zero in a request.', 'RFC 826'],
    'target protocol address': ['Whose hardware address is wanted.', 'RFC 826'],
  },
  IPv4: {
    version: ['4: how the rest of the header is read.', 'RFC 791 3.1'],
    'header length': ['In the header, as a count of 32-bit words: 5 is one without options.', 'RFC 791 3.1'],
    DSCP,
    ECN,
    'total length': [
      'Octets of header and data together: where the packet ends, whatever the link adds.',
      'RFC 791 3.1',
    ],
    identification: ['The same in all fragments of one packet.', 'RFC 6864 4'],
    flags: ['DF: routers must not cut it. MF: more fragments follow.', 'RFC 791 3.1'],
    'fragment offset': [
      'Where this fragment belongs in the whole; in the header, in units of eight octets.',
      'RFC 791 3.2',
    ],
    'time to live': ['Each router takes one away; at zero the packet is gone.', 'RFC 791 3.2'],
    protocol: ['What the packet carries: 1 ICMP, 6 TCP, 17 UDP.', 'RFC 791 3.1'],
    'header checksum': ['Covers the header alone, and is computed anew by every router.', 'RFC 1071'],
    'source address': ['Which host the packet comes from.', 'RFC 791 3.1'],
    'destination address': ['Which host it goes to; routers choose the way by it.', 'RFC 791 3.1'],
    options: ['What is rarely there: records of routes, times, an alert for routers.', 'RFC 791 3.1'],
  },
  IPv6: {
    version: ['6: how the rest of the header is read.', 'RFC 8200 3'],
    DSCP,
    ECN,
    'flow label': ['The same in all packets of a flow, so that routers keep them together.', 'RFC 6437 2'],
    'payload length': ['Octets behind this header, extension headers among them.', 'RFC 8200 3'],
    'next header': ['What follows: an extension header, or 6 TCP, 17 UDP, 58 ICMPv6.', 'RFC 8200 3'],
    'hop limit': ['Each router takes one away; at zero the packet is gone.', 'RFC 8200 3'],
    'source address': ['Which interface the packet comes from.', 'RFC 8200 3'],
    'destination address': ['Which interface or group it goes to.', 'RFC 8200 3'],
  },
  fragment: {
    'next header': NEXT,
    'fragment offset': ['Where this fragment belongs in the whole, in units of eight octets.', 'RFC 8200 4.5'],
    'more fragments': ['Whether this is not the last.', 'RFC 8200 4.5'],
    identification: ['The same in all fragments of one packet.', 'RFC 8200 4.5'],
  },
  'hop-by-hop options': { 'next header': NEXT, length: EXTENSION_LENGTH, option: OPTION6 },
  'destination options': { 'next header': NEXT, length: EXTENSION_LENGTH, option: OPTION6 },
  routing: {
    'next header': NEXT,
    length: EXTENSION_LENGTH,
    'routing type': ['Which kind of route this is.', 'RFC 8200 4.4'],
    'segments left': ['How many places are still to be passed.', 'RFC 8200 4.4'],
    segment: ['A place on the way.', 'RFC 8754 2'],
  },
  AH: {
    'next header': NEXT,
    length: EXTENSION_LENGTH,
    authentication: ['Whose secret, which packet, and the proof.', 'RFC 4302 2'],
  },
  ICMP: {
    type: ['What the message is: 8 asks for an echo, 0 is one, 3 and 11 tell of errors.', 'RFC 792'],
    code: ['What it is in particular: of an unreachable destination, why.', 'RFC 792'],
    checksum: ['Covers the whole message, without a pseudo header.', 'RFC 792'],
    identifier: ['Which ping an echo is of.', 'RFC 792'],
    'sequence number': ['Which of its requests is answered.', 'RFC 792'],
    MTU: ['How long a packet may be that passes the next hop.', 'RFC 1191 4'],
    gateway: ['Which router is the better one.', 'RFC 792'],
    pointer: ['Which octet of the packet was the trouble.', 'RFC 792'],
  },
  ICMPv6: {
    type: ['What the message is: below 128 an error, from there on something asked or told.', 'RFC 4443 2.1'],
    code: ['What it is in particular.', 'RFC 4443 2.1'],
    checksum: [`It ${CHECKSUM6}`, 'RFC 4443 2.3'],
    identifier: ['Which ping an echo is of.', 'RFC 4443 4.1'],
    'sequence number': ['Which of its requests is answered.', 'RFC 4443 4.1'],
    MTU: ['How long a packet may be that passes the next hop.', 'RFC 4443 3.2'],
    pointer: ['Which octet of the packet was the trouble.', 'RFC 4443 3.4'],
    flags: [
      'Of a neighbour: router, solicited, override. Of a router: addresses and other things are had by DHCPv6.',
      'RFC 4861 4',
    ],
    'target address': ['Whose hardware address is asked or told; of a redirect, the better first hop.', 'RFC 4861 4.3'],
    'destination address': ['To where the better first hop leads.', 'RFC 4861 4.5'],
    'hop limit': ['What hosts should begin with; 0 says nothing of it.', 'RFC 4861 4.2'],
    preference: ['How good a default router this is beside others.', 'RFC 4191 2.2'],
    'router lifetime': ['For how long it is a default router; 0: it is none.', 'RFC 4861 4.2'],
    'reachable time': ['How long a neighbour is held to be there after a sign of life.', 'RFC 4861 4.2'],
    'retransmission timer': ['How long to wait before a neighbour is asked again.', 'RFC 4861 4.2'],
    'maximum response time': ['Within which time hosts answer, each at one by chance.', 'RFC 3810 5.1.3'],
    'group address': ['Which group is asked or told about; zero: all.', 'RFC 3810 5.1.5'],
    'group records': ['How many records follow.', 'RFC 3810 5.2.4'],
    suppress: ['Whether routers leave their timers as they are.', 'RFC 3810 5.1.7'],
    robustness: ['How much loss is reckoned with.', 'RFC 3810 5.1.8'],
    'query interval': ['How often the querier asks.', 'RFC 3810 5.1.9'],
    sources: ['How many sources follow.', 'RFC 3810 5.1.10'],
    source: ['A source that is asked about.', 'RFC 3810 5.1.11'],
  },
  'NDP option': {
    type: ['What this option tells.', 'RFC 4861 4.6'],
    length: ['In the option, in units of eight octets; 0 would be wrong.', 'RFC 4861 4.6'],
    'source link-address': ['The hardware address of whoever sends it.', 'RFC 4861 4.6.1'],
    'destination link-address': ['The hardware address of the target.', 'RFC 4861 4.6.1'],
    'prefix info': ['Which addresses are on this link, and whether hosts make their own of it.', 'RFC 4861 4.6.2'],
    'redirected header': ['The packet that took the worse way.', 'RFC 4861 4.6.3'],
    mtu: ['How long a packet may be on this link.', 'RFC 4861 4.6.4'],
    nonce: ['By it one knows one’s own question when it comes back.', 'RFC 7527 4'],
    'route info': ['A route by this router, and how good it is.', 'RFC 4191 2.3'],
    rdnss: ['Servers that resolve names.', 'RFC 8106 5.1'],
    dnssl: ['What is added to names that are not whole.', 'RFC 8106 5.2'],
    data: ['What an option that is not known has.', 'RFC 4861 4.6'],
  },
  IGMP: {
    type: ['A query of routers, a report of hosts, or a leave.', 'RFC 3376 4'],
    'maximum response time': ['Within which time hosts answer, each at one by chance.', 'RFC 3376 4.1.1'],
    checksum: ['Covers the whole message.', 'RFC 3376 4.1.2'],
    'group records': ['How many records follow.', 'RFC 3376 4.2.3'],
    'group address': ['Which group is asked or told about; zero: all.', 'RFC 3376 4.1.3'],
    suppress: ['Whether routers leave their timers as they are.', 'RFC 3376 4.1.5'],
    robustness: ['How much loss is reckoned with.', 'RFC 3376 4.1.6'],
    'query interval': ['How often the querier asks.', 'RFC 3376 4.1.7'],
    sources: ['How many sources follow.', 'RFC 3376 4.1.8'],
    source: ['A source that is asked about.', 'RFC 3376 4.1.9'],
  },
  'group record': {
    type: ['Which sources of the group are heard from now on, or no more.', 'RFC 3376 4.2.12'],
    group: ['The group.', 'RFC 3376 4.2.8'],
    source: ['A source of it.', 'RFC 3376 4.2.9'],
  },
  UDP: {
    'source port': ['Which socket of the sender; answers go there.', 'RFC 768'],
    'destination port': ['Which socket takes the datagram.', 'RFC 768'],
    length: ['Octets of header and data: 8 at least.', 'RFC 768'],
    checksum: [`Covers header, data and a pseudo header with the addresses; zero says that there is none.`, 'RFC 768'],
  },
  TCP: {
    'source port': ['With address and port of both ends it names the connection.', 'RFC 9293 3.1'],
    'destination port': ['Which connection or listener at that host it is for.', 'RFC 9293 3.1'],
    'sequence number': ['The number of the first octet here; a SYN and a FIN count as one.', 'RFC 9293 3.4'],
    'acknowledgment number': [
      'The next octet that is expected: all before it have come. It means something only with the flag ACK.',
      'RFC 9293 3.4',
    ],
    'data offset': ['Where data begins; in the header, as a count of 32-bit words.', 'RFC 9293 3.1'],
    flags: ['What the segment is: SYN opens, ACK acknowledges, FIN ends one way, RST ends all.', 'RFC 9293 3.1'],
    window: [
      'Octets that may be sent behind the acknowledged ones, before the scale is applied; that of a SYN is never scaled (RFC 7323 2.2).',
      'RFC 9293 3.8.6',
    ],
    checksum: ['Covers header, data and a pseudo header with the addresses.', 'RFC 9293 3.1'],
    'urgent pointer': ['With URG: where urgent data ends, counted from the sequence number.', 'RFC 6093 3'],
    option: ['A kind, a length, and what it says.', 'RFC 9293 3.2'],
  },
  'rest of TCP': { 'cut off': ['What an error quotes of a segment may end before its header does.', 'RFC 792'] },
  DHCP: {
    op: ['1 asks, 2 answers.', 'RFC 2131 2'],
    htype: ['Which kind of link: 1 is Ethernet.', 'RFC 2131 2'],
    hlen: ['Octets of a hardware address.', 'RFC 2131 2'],
    hops: ['Relays that it has passed.', 'RFC 2131 2'],
    xid: ['By it an answer is known to be to this question.', 'RFC 2131 2'],
    secs: ['For how long the client has been asking.', 'RFC 2131 2'],
    flags: ['Whether answers must be broadcast.', 'RFC 2131 2'],
    ciaddr: ['The address that the client has.', 'RFC 2131 2'],
    yiaddr: ['The address that it is given.', 'RFC 2131 2'],
    siaddr: ['The server for what comes next in booting.', 'RFC 2131 2'],
    giaddr: ['The relay that has passed it on.', 'RFC 2131 2'],
    chaddr: ['The hardware address of the client.', 'RFC 2131 2'],
    option: ['A code, a length, and what it says.', 'RFC 2132 2'],
  },
  DHCPv6: {
    'msg-type': ['What is asked or answered.', 'RFC 8415 7.3'],
    'transaction-id': ['By it an answer is known to be to this question.', 'RFC 8415 8'],
    option: ['A code, a length, and what it says.', 'RFC 8415 21.1'],
  },
  data: { data: ['What the programs have written: it means nothing to the layers below.', 'RFC 1122 1.1.3'] },
  padding: { padding: ['Makes a frame long enough for its link; it belongs to nothing.', 'IEEE 802.3 3.2.8'] },
}

/** By the word that its text begins with. */
const OPTION_NOTES: Notes = {
  mss: [
    'The most data, without headers, that the sender of this takes in a segment. Each side tells its own in its SYN; nothing is agreed.',
    'RFC 9293 3.7.1',
  ],
  wscale: [
    'How far the windows that its sender announces are shifted. Each side tells its own in its SYN, which is not scaled itself.',
    'RFC 7323 2',
  ],
  sackOK: ['It understands selective acknowledgments; said in a SYN alone.', 'RFC 2018 2'],
  sack: ['Ranges that have come behind a hole, the newest first.', 'RFC 2018 3'],
  TS: ['Its clock, and the last that it has heard of the other’s: round trips are measured by them.', 'RFC 7323 3'],
  nop: ['Fills up, so that what follows lies at a multiple of four.', 'RFC 9293 3.2'],
  eol: ['Ends the options.', 'RFC 9293 3.2'],
  uto: ['How long data may stay unacknowledged before the connection is given up.', 'RFC 5482 3'],
  tfo: ['A cookie, by which a later SYN may carry data; or the wish for one.', 'RFC 7413 4.1'],
  bad: ['Its length cannot be right: what follows cannot be read.', 'RFC 9293 3.2'],
}

const CUT: FieldNote = ['There are too few octets to read it.', '']

/** The note of a field; null: there is none. What is quoted is what it is elsewhere. */
export function noteOf(layer: string, field: string, value = ''): FieldNote | null {
  if (field === 'cut off') return FIELD_NOTES[layer.replace(/^quoted /, '')]?.[field] ?? CUT
  const name = layer.replace(/^quoted /, '')
  if (name === 'TCP' && field === 'option')
    return OPTION_NOTES[value.split(' ')[0] ?? ''] ?? FIELD_NOTES['TCP']?.['option'] ?? null
  return FIELD_NOTES[name]?.[field] ?? null
}

/** Which bits of its octets a field has, where it does not have all: '' of layers is any. */
const MASKS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Ethernet: { priority: 0xe000, VLAN: 0x0fff },
  IPv4: { version: 0xf0, 'header length': 0x0f, DSCP: 0xfc, ECN: 0x03, flags: 0xe0, 'fragment offset': 0x1fff },
  IPv6: { version: 0xf0, DSCP: 0x0fc0, ECN: 0x0030, 'flow label': 0x0fffff },
  fragment: { 'fragment offset': 0xfff8, 'more fragments': 0x01 },
  TCP: { 'data offset': 0xf0, flags: 0x01ff },
  ICMPv6: { flags: 0xe0, preference: 0x18, suppress: 0x08, robustness: 0x07 },
  IGMP: { suppress: 0x08, robustness: 0x07 },
}

/** The bits of a field, the octets of it apart, in fours, with a dot for each that is another field's; '' for whole octets. */
export function bitsOf(layer: string, field: string, octets: Uint8Array): string {
  const mask = MASKS[layer.replace(/^quoted /, '')]?.[field]
  if (mask === undefined || octets.length > 4) return ''
  let value = 0
  for (const octet of octets) value = (value << 8) | octet
  let text = ''
  for (let bit = octets.length * 8 - 1; bit >= 0; bit--) {
    text += (mask >>> bit) & 1 ? String((value >>> bit) & 1) : '·'
    if (bit % 4 === 0 && bit > 0) text += ' '
  }
  return text
}
