import type { AttackClass } from './guard.ts'

const exchange = 'src/services/dhcp/dhcp6-exchange.ts'
const client = 'src/services/dhcp/dhcp6-client.ts'
const lease = 'src/services/dhcp/dhcp6-lease.ts'
const server = 'src/services/dhcp/dhcp6-server.ts'
const bindings = 'src/services/dhcp/dhcp6-bindings.ts'
const options = 'src/wire/dhcp6-options.ts'
const values = 'src/wire/dhcp6-values.ts'
const offers = 'test/services/dhcp6-client.test.ts: is none: it goes on asking'

/** DHCPv6, from the link. */
export const dhcp6: readonly AttackClass[] = [
  {
    title: 'DHCPv6: leases that nobody asked for or that cannot be, and pools that are emptied',
    guards: [
      {
        id: 'dhcp6-overrun',
        against: 'an option that ends behind its message',
        file: options,
        where: 'readDhcp6Options',
        without: ['    if (valueEnd > end) return null\n', ''],
        test: 'test/wire/dhcp6.test.ts: is none: ',
      },
      {
        id: 'dhcp6-options',
        against: 'thousands of empty options',
        file: options,
        where: 'readDhcp6Options',
        without: [' || options.length === OPTIONS_MAX', ''],
        test: 'test/wire/dhcp6.test.ts: is none: ',
      },
      {
        id: 'dhcp6-compressed',
        against: 'names that point elsewhere',
        file: values,
        where: 'domainListOf',
        without: ['if ((value[at] as number) >= POINTER_BITS) return null', ''],
        test: 'test/wire/dhcp6.test.ts: names are not compressed',
      },
      {
        id: 'dhcp6-xid',
        against: 'an answer with another number',
        file: exchange,
        where: 'isAnswer',
        without: ['  if (answer.xid !== asked.xid) return false\n', ''],
        test: offers,
      },
      {
        id: 'dhcp6-client-identifier',
        against: 'an answer to another host',
        file: exchange,
        where: 'isAnswer',
        without: [' && sameOctets(client, own)', ''],
        test: offers,
      },
      {
        id: 'dhcp6-rapid',
        against: 'a Reply to who asks for offers',
        file: client,
        where: 'Dhcp6Client.#solicit',
        without: ['return rapid ? { lease, committed: true } : null', 'return { lease, committed: rapid || true }'],
        test: 'test/services/dhcp6-client.test.ts: a Reply nobody asked for',
      },
      {
        id: 'dhcp6-other-server',
        against: 'a Reply of a server that was not chosen',
        file: client,
        where: 'Dhcp6Client.#replyOf',
        without: ['    if (server !== null && !sameOctets(from, server)) return null\n', ''],
        test: 'test/services/dhcp6-client.test.ts: a Reply nobody asked for',
      },
      {
        id: 'dhcp6-no-host',
        against: 'an address that no host can have',
        file: lease,
        where: 'leaseOf6',
        without: ['valid > 0 && isHost(address)', 'valid > 0'],
        test: offers,
      },
      {
        id: 'dhcp6-times',
        against: 'an address that is renewed after it is rebound',
        file: lease,
        where: 'ownAssociation',
        without: ['ia.t1 > ia.t2 && ia.t2 > 0 ? null : ia', 'ia'],
        test: offers,
      },
      {
        id: 'dhcp6-many',
        against: 'thousands of addresses',
        file: lease,
        where: 'leaseOf6',
        without: ['usable.slice(0, ADDRESSES_MAX)', 'usable'],
        test: 'test/services/dhcp6-client.test.ts: of thousands of addresses four are taken',
      },
      {
        id: 'dhcp6-refusal-loop',
        against: 'a server that offers and refuses without end',
        file: client,
        where: 'Dhcp6Client.#acquire',
        without: ['this.#exchange.now() + DECLINED_WAIT', 'this.#exchange.now() + 10'],
        test: 'test/services/dhcp6-client.test.ts: a server that offers and then refuses',
      },
      {
        id: 'dhcp6-client-rate',
        against: 'leases that are over at once',
        file: exchange,
        where: 'Dhcp6Exchange.#send',
        without: ['if (!this.#bucket.has(this.now())) {', 'if (!this.#bucket.has(this.now()) && this.now() < 0) {'],
        test: 'test/services/dhcp6-client.test.ts: one whose leases are over at once',
      },
      {
        id: 'dhcp6-max-rt',
        against: 'a server that has us ask every few seconds for ever',
        file: client,
        where: 'Dhcp6Client.#heed',
        without: ['seconds < MAX_RT_LEAST || ', ''],
        test: 'test/services/dhcp6-client.test.ts: a server may say how long is waited at the most',
      },
      {
        id: 'dhcp6-off-link',
        against: 'a message from beyond the link, whose answer would go there',
        file: server,
        where: 'Dhcp6Server.#serve',
        without: ['if (!from.ip.isLinkLocal) {', 'if (from.ip.isUnspecified) {'],
        test: 'test/services/dhcp6-server.test.ts: who is not on the link is not answered',
      },
      {
        id: 'dhcp6-associations',
        against: 'a message that asks for a thousand addresses',
        file: bindings,
        where: 'Dhcp6Bindings.#each',
        without: ['      if (answers.length === ASSOCIATIONS_MAX) break\n', ''],
        test: 'test/services/dhcp6-server.test.ts: of one message four associations are looked at',
      },
      {
        id: 'dhcp6-others-lease',
        against: 'a Renew of what is another host’s',
        file: bindings,
        where: 'Dhcp6Bindings.#renewable',
        without: ['if (number < 0 || !leases.available(number, key, now)) continue', 'if (number < 0) continue'],
        test: 'test/services/dhcp6-server.test.ts: what another has is not',
      },
      {
        id: 'dhcp6-rate',
        against: 'a flood of messages',
        file: server,
        where: 'Dhcp6Server.#serve',
        without: ['if (!this.#bucket.take(this.#now())) {', 'if (!this.#bucket.take(this.#now()) && false) {'],
        test: 'test/services/dhcp6-server.test.ts: more than the rate is not looked at',
      },
    ],
  },
]
