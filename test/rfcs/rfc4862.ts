import type { RfcRows } from './row.ts'

const AUTO = 'test/stack/nd-autoconfiguration.test.ts'
const DETECTION = 'test/stack/nd-detection.test.ts'

/** How a host comes by its addresses. */
export const rfc4862: RfcRows = {
  title: 'RFC 4862: address autoconfiguration',
  rows: [
    {
      id: '4862-1',
      section: 'RFC 4862 5.1',
      level: 'MUST',
      says: 'how often an address is asked for before it is used can be set; once by default',
      code: ['src/stack/nd/duplicate-address-detection.ts', 'src/stack/stack-options.ts'],
      tests: [
        `${DETECTION}: an address is asked for once, within a second`,
        `${DETECTION}: without detection an address is ours at once`,
      ],
      without: ['const TRANSMITS = 1\n', 'const TRANSMITS = 2\n'],
      because: 'once or, with duplicateAddressDetection: false, never',
    },
    {
      id: '4862-2',
      section: 'RFC 4862 5.4',
      level: 'MUST',
      says: 'every unicast address is asked for before it is used, whatever its identifier is shared with',
      code: ['src/stack/nd/ipv6-interface.ts'],
      tests: [`${DETECTION}: a tentative address is neither answered for nor used`],
      without: ['    entry.tentative = this.#detects\n', '    entry.tentative = false\n'],
    },
    {
      id: '4862-3',
      section: 'RFC 4862 5.4.2',
      level: 'MUST',
      says: 'the groups are joined before the question goes out, and heard while it waits its random time',
      code: ['src/stack/nd/duplicate-address-detection.ts', 'src/stack/nd/ipv6-interface.ts'],
      tests: [
        `${DETECTION}: hosts that come up together do not ask in step`,
        `${DETECTION}: the group of the address is joined before the question, and left with the address`,
      ],
      without: ['Math.floor(DELAY_MAX * randomFraction(random))', '0'],
    },
    {
      id: '4862-4',
      section: 'RFC 4862 5.4.3, 5.4.4',
      level: 'MUST NOT',
      says: 'nobody is answered who asks for a tentative address; a question from nobody for it, or an answer, means that it is taken',
      code: ['src/stack/nd/nd-input.ts'],
      tests: [
        `${DETECTION}: a tentative address is neither answered for nor used`,
        `${DETECTION}: is given up (RFC 4862 5.4.3, 5.4.4)`,
      ],
      without: [
        'if (detecting) own.detection?.asked(readNonce(packet, options), nonce.high, nonce.low)\n    return true',
        '',
      ],
    },
    {
      id: '4862-5',
      section: 'RFC 4862 5.4.5',
      level: 'MUST NOT',
      says: 'an address that is taken is not used',
      code: ['src/stack/nd/duplicate-address-detection.ts'],
      tests: [`${DETECTION}: is given up (RFC 4862 5.4.3, 5.4.4)`],
      without: ['    this.#ipv6.refuse(this.#entry)\n', ''],
    },
    {
      id: '4862-6',
      section: 'RFC 4862 5.5',
      level: 'MUST',
      says: 'addresses are formed unless that is switched off',
      code: ['src/stack/stack-options.ts'],
      because:
        'an interface says how it comes by its addresses when it is attached (`ipv6`), since a stack is one program’s: it speaks no IPv6 on a link that its maker has not said so of',
    },
    {
      id: '4862-7',
      section: 'RFC 4862 5.5.3',
      level: 'MUST',
      says: 'a prefix that is not of 64 bits, not for addresses, link-local, or preferred for longer than valid gives none; nobody can shorten a valid lifetime below two hours',
      code: ['src/stack/nd/router-discovery.ts', 'src/stack/nd/autoconfiguration.ts'],
      tests: [`${AUTO}: gives no address (RFC 4862 5.5.3)`, `${AUTO}: an advertised valid lifetime: `],
      without: ['if (!autonomous || preferredLifetime > validLifetime || prefixLength !== 64) return', ''],
    },
    {
      id: '4862-8',
      section: 'RFC 4862 5.5.4',
      level: 'MUST',
      says: 'a deprecated address goes on being heard and spoken from by who has it; one whose time is over is gone',
      code: ['src/stack/nd/autoconfiguration.ts'],
      tests: [`${AUTO}: when its preferred lifetime is over it is deprecated, when its valid one is, it is gone`],
      without: ['      stack.removeAddress(this.#ipv6.interface, entry)\n', ''],
    },
  ],
}
