import type { RfcRows } from './row.ts'

const NEIGHBOUR = 'test/stack/nd-neighbour.test.ts'
const DISCOVERY = 'test/stack/nd-router-discovery.test.ts'
const REDIRECT = 'test/stack/nd-redirect.test.ts'
const INPUT = 'src/stack/nd/nd-input.ts'
const STATES = 'src/stack/link/neighbour.ts'

/** Neighbour discovery, the host's side of it. */
export const rfc4861: RfcRows = {
  title: 'RFC 4861: neighbour discovery',
  rows: [
    {
      id: '4861-1',
      section: 'RFC 4861 6.1.2',
      level: 'MUST',
      says: 'an advertisement of a router counts only from a link-local source, with hop limit 255, code 0, a right checksum, whole, and no option of length 0',
      code: [INPUT, 'src/wire/ndp.ts', 'src/wire/ndp-options.ts'],
      tests: [`${DISCOVERY}: is dropped (RFC 4861 6.1.2)`],
      without: ['if (packet.ttl !== NDP_HOP_LIMIT || packet.fragmented) return false', ''],
    },
    {
      id: '4861-2',
      section: 'RFC 4861 7.1.1',
      level: 'MUST',
      says: 'a solicitation is checked likewise; one from nobody goes to a solicited-node group and names no link-layer address',
      code: [INPUT, 'src/wire/ndp.ts'],
      tests: [`${NEIGHBOUR}: is dropped (RFC 4861 7.1.1)`],
      without: ['if (detecting && (named || !isSolicitedNodeGroup(packet.destination))) return false', ''],
    },
    {
      id: '4861-3',
      section: 'RFC 4861 7.1.2',
      level: 'MUST',
      says: 'an advertisement is checked likewise; one to a group has not the solicited flag',
      code: [INPUT, 'src/wire/ndp.ts'],
      tests: [`${NEIGHBOUR}: is dropped (RFC 4861 7.1.2)`],
      without: ['if (solicited && packet.destination.isMulticast) return false', ''],
    },
    {
      id: '4861-4',
      section: 'RFC 4861 8.1',
      level: 'MUST',
      says: 'a redirect counts only from the link-local address of the first hop in use, to a link-local target or the destination itself',
      code: ['src/stack/nd/router-input.ts', 'src/stack/nd/redirects.ts', 'src/wire/ndp.ts'],
      tests: [`${REDIRECT}: is not believed (RFC 4861 8.1)`],
      without: ['if (!source.isLinkLocal || !readRedirect(', 'if (!readRedirect('],
    },
    {
      id: '4861-5',
      section: 'RFC 4861 4.6, 9',
      level: 'MUST',
      says: 'options that nobody knows are passed over, and one of length 0 costs the packet',
      code: ['src/wire/ndp-options.ts'],
      tests: [
        `${NEIGHBOUR}: is dropped (RFC 4861 7.1.1)`,
        `${NEIGHBOUR}: options that nobody knows are skipped (RFC 4861 4.6)`,
      ],
      without: [
        '    if (length === 0) return false\n    at += length',
        '    if (length === 0) return true\n    at += length',
      ],
    },
    {
      id: '4861-6',
      section: 'RFC 4861 6.2, 6.2.5, 8.2',
      level: 'MUST NOT',
      says: 'hosts are no default routers, send no redirects, and do not hear solicitations for routers',
      code: ['src/stack/nd/router-advertiser.ts', 'src/stack/nd/router-solicitation-input.ts'],
      tests: [
        'test/stack/nd-advertiser.test.ts: a stack that does not forward is no default router, whatever it advertises',
        'test/stack/nd-advertiser.test.ts: who does not advertise does not hear solicitations',
      ],
      without: ['forwarding ? this.#settings.lifetime : 0', 'this.#settings.lifetime'],
    },
    {
      id: '4861-7',
      section: 'RFC 4861 6.3.4',
      level: 'MUST',
      says: 'what a router leaves unsaid changes nothing, several default routers are known, and a prefix without L says nothing of the link',
      code: ['src/stack/nd/router-discovery.ts'],
      tests: [
        `${DISCOVERY}: hop limit and MTU are those of the router; what cannot be is not taken`,
        `${DISCOVERY}: one without L says nothing (RFC 4861 6.3.4)`,
      ],
      without: [
        'if (message.hopLimit !== 0) ipv6.hopLimit = message.hopLimit',
        'ipv6.hopLimit = message.hopLimit; prefixInformation.onLink = true',
      ],
    },
    {
      id: '4861-8',
      section: 'RFC 4861 6.3.4 to 6.3.7',
      level: 'MUST',
      says: 'a lifetime of 0 takes a router away; one that has a lifetime ends the asking for routers',
      code: ['src/stack/nd/router-discovery.ts', 'src/stack/nd/router-solicitation.ts'],
      tests: [`${DISCOVERY}: a lifetime of 0 takes the router off the list at once`],
      without: ['if (!this.routers.remove(router)) return', 'if (router.isV4) return'],
    },
    {
      id: '4861-9',
      section: 'RFC 4861 7.2.1',
      level: 'MUST',
      says: 'the solicited-node group of every address is joined, and left with the last address that needs it',
      code: ['src/stack/nd/ipv6-interface.ts'],
      tests: [
        'test/stack/nd-detection.test.ts: the group of the address is joined before the question, and left with the address',
      ],
      without: [
        'if (neighbours !== null) groups.set(entry, solicitedNodeGroup(entry.address), ANY_SOURCE)',
        'void neighbours, groups, ANY_SOURCE',
      ],
    },
    {
      id: '4861-10',
      section: 'RFC 4861 7.2.2',
      level: 'MUST',
      says: 'who is not known is asked for in the group of its address, once in a retransmission time; after three questions the packets that wait are unreachable',
      code: [STATES, 'src/stack/nd/nd-output.ts'],
      tests: [`${NEIGHBOUR}: INCOMPLETE: three solicitations a second apart, then the packet is unreachable`],
      without: ['} else if (this.#requests < REQUESTS) {', '} else if (this.#requests < 100) {'],
    },
    {
      id: '4861-11',
      section: 'RFC 4861 7.2.3, 7.2.4',
      level: 'MUST',
      says: 'a solicitation for us makes its sender known as STALE, and is answered: to it, or to all nodes where it came from nobody',
      code: [INPUT, 'src/stack/nd/nd-output.ts'],
      tests: [`${NEIGHBOUR}: a solicitation for us is answered, and makes us know who asks, as STALE`],
      without: [
        'if (named) neighbour.heard(hardware.high, hardware.low)\n  ipv6.output',
        'if (named) neighbour.learn(1, 1, true)\n  ipv6.output',
      ],
    },
    {
      id: '4861-12',
      section: 'RFC 4861 7.2.5',
      level: 'MUST',
      says: 'an advertisement of somebody we do not know is ignored; the flags solicited and override say what becomes of one that we know; who is no router any more is none',
      code: [STATES, INPUT],
      tests: [
        `${NEIGHBOUR}: INCOMPLETE: an advertisement without a hardware address is ignored`,
        `${NEIGHBOUR}: REACHABLE: another hardware address without Override makes it STALE and changes nothing else`,
      ],
      without: ['      if (!named) return false\n', '      override = true\n'],
    },
    {
      id: '4861-13',
      section: 'RFC 4861 7.3.1',
      level: 'MUST NOT',
      says: 'what comes unasked proves nothing of reachability; progress of a connection does',
      code: [STATES],
      tests: [`${NEIGHBOUR}: PROBE: an unsolicited one is no proof (RFC 4861 7.2.5 II)`],
      without: ['    if (solicited) this.#reachable()\n    else if (differs) this.#stale()', '    this.#reachable()'],
    },
    {
      id: '4861-14',
      section: 'RFC 4861 7.3.3',
      level: 'MUST',
      says: 'one that is STALE and used is asked after five seconds, three times by unicast, and then given up',
      code: [STATES],
      tests: [`${NEIGHBOUR}: STALE: use starts a wait of 5 s for a sign of life, then three unicast solicitations`],
      without: ['const DELAY_TIME = 5000', 'const DELAY_TIME = 50_000'],
    },
    {
      id: '4861-15',
      section: 'RFC 4861 8.3',
      level: 'MUST',
      says: 'a redirect changes the way to its destination, which is on the link where it is its own target',
      code: ['src/stack/nd/redirects.ts'],
      tests: [
        `${REDIRECT}: a router names a better one: packets to that destination go there, others do not`,
        `${REDIRECT}: a router says that a destination is on the link`,
      ],
      without: [
        '    const known = this.#entries.get(destination)\n',
        '    if (target.isLinkLocal || !target.isLinkLocal) return true\n    const known = this.#entries.get(destination)\n',
      ],
    },
  ],
}
