import type { AttackClass } from './guard.ts'

const exchange = 'src/services/dhcp/dhcp-exchange.ts'
const client = 'src/services/dhcp/dhcp-client.ts'
const lease = 'src/services/dhcp/dhcp-lease.ts'
const server = 'src/services/dhcp/dhcp-server.ts'
const table = 'src/services/dhcp/lease-table.ts'
const values = 'src/wire/dhcp-values.ts'
const offers = 'test/services/dhcp-client.test.ts: in place of an offer: it goes on asking'
const acks = 'test/services/dhcp-client.test.ts: in place of an ACK is passed over'

/** DHCP, from the link. */
export const dhcp: readonly AttackClass[] = [
  {
    title: 'DHCP: leases that nobody asked for or that cannot be, and pools that are emptied',
    guards: [
      {
        id: 'dhcp-overrun',
        against: 'an option that ends behind its message',
        file: 'src/wire/dhcp-options.ts',
        where: 'readDhcpOptions',
        without: ['    if (valueEnd > end) return false\n', ''],
        test: 'test/wire/dhcp.test.ts: is no message',
      },
      {
        id: 'dhcp-pointer',
        against: 'names of a search list that point forwards, or at themselves',
        file: values,
        where: 'searchListOf',
        without: ['if (target >= at) return null', 'if (target >= value.length || target === at) return null'],
        test: 'test/wire/dhcp.test.ts: a name that points forwards',
      },
      {
        id: 'dhcp-xid',
        against: 'an answer with another number',
        file: exchange,
        where: 'isAnswer',
        without: [' && answer.xid === asked.xid', ''],
        test: offers,
      },
      {
        id: 'dhcp-chaddr',
        against: 'an answer to another host',
        file: exchange,
        where: 'isAnswer',
        without: [' && sameOctets(answer.chaddr, asked.chaddr)', ''],
        test: offers,
      },
      {
        id: 'dhcp-other-server',
        against: 'an ACK or NAK of a server that was not chosen',
        file: client,
        where: 'DhcpClient.#confirmed',
        without: ['if (from === null || (server !== null && from !== server)) return null', ''],
        test: acks,
      },
      {
        id: 'dhcp-other-address',
        against: 'an ACK of another address than was offered',
        file: client,
        where: 'DhcpClient.#confirmed',
        without: [' && answer.yiaddr === address', ''],
        test: acks,
      },
      {
        id: 'dhcp-no-host',
        against: 'an address that no host can have',
        file: lease,
        where: 'leaseOf',
        without: [
          '  if (!isUnicast(yiaddr) || !isHostOf({ address: yiaddr, length: prefixLength }, yiaddr)) return null\n',
          '',
        ],
        test: offers,
      },
      {
        id: 'dhcp-tiny-mtu',
        against: 'an MTU of 68',
        file: lease,
        where: 'leaseOf',
        without: ['mtu !== null && mtu >= MTU_LEAST', 'mtu !== null'],
        test: 'test/services/dhcp-client.test.ts: what is wrong beside the address is left out',
      },
      {
        id: 'dhcp-nak-loop',
        against: 'a server that offers and refuses without end',
        file: client,
        where: 'DhcpClient.#acquire',
        without: ['this.#idle(this.#exchange.now() + DECLINED_WAIT)', 'this.#idle(this.#exchange.now() + 100)'],
        test: 'test/services/dhcp-client.test.ts: a server that offers and then refuses, or says nothing, is not asked without end',
      },
      {
        id: 'dhcp-offers',
        against: 'DISCOVERs of clients that there are not',
        file: table,
        where: 'LeaseTable.unused',
        without: [
          "lease.state === 'offered' ? lease.until - OFFER_TIME + OFFER_TIME_LEAST : lease.until",
          'lease.until',
        ],
        test: 'test/services/dhcp-server.test.ts: a pool that is all offered is offered again soon',
      },
      {
        id: 'dhcp-declines',
        against: 'who declines all that he is given',
        file: table,
        where: 'LeaseTable.decline',
        without: ['Math.max(1, this.#pool.length / DECLINED_SHARE)', 'this.#pool.length'],
        test: 'test/services/dhcp-server.test.ts: who declines all he gets does not empty the pool',
      },
      {
        id: 'dhcp-rate',
        against: 'a flood of messages',
        file: server,
        where: 'DhcpServer.#serve',
        without: ['if (!this.#bucket.take(this.#now())) {', 'if (!this.#bucket.take(this.#now()) && false) {'],
        test: 'test/services/dhcp-server.test.ts: more than the rate is not looked at',
      },
      {
        id: 'dhcp-others-lease',
        against: 'a RELEASE of what is another host’s',
        file: server,
        where: 'DhcpServer.#released',
        without: [
          'if (lease === null || lease.address !== message.ciaddr || !this.#isMeant(message)) return',
          'if (lease === null) return',
        ],
        test: 'test/services/dhcp-server.test.ts: nobody declines or releases what is another’s',
      },
    ],
  },
]
