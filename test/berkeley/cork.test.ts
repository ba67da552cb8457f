// Read first: udp(7) UDP_CORK, send(2) MSG_MORE; udp_sendmsg and udpv6_sendmsg in Linux for what they look at while corked.

import { expect, test } from 'vitest'
import { IPPROTO_UDP, MSG_OOB, UDP_CORK } from '../../src/base/constants.ts'
import { berkeley, octets, PORT } from './scene.ts'

berkeley('A further part of a datagram', (scene) => {
  test('goes where the first one went, without the parts that were refused', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    client.setsockopt(IPPROTO_UDP, UDP_CORK, true)
    const to = scene().at()
    const ipv6 = hosts.serverAddress.includes(':') && !hosts.serverAddress.startsWith('::ffff:')
    expect(client.trySendto(octets(3), to)).toBe(3)
    if (ipv6) {
      expect(() => client.trySendto(octets(1), { address: '127.0.0.1', port: PORT })).toThrow('sendto EINVAL')
      expect(() => client.trySendto(octets(1), { address: '::ffff:127.0.0.1', port: PORT })).toThrow('sendto EINVAL')
    } else {
      expect(() => client.trySendto(octets(1), to, MSG_OOB)).toThrow('sendto EOPNOTSUPP')
      expect(() => client.trySendto(octets(65_536), to)).toThrow('sendto EMSGSIZE')
    }
    expect(client.trySendto(octets(2, 3), to)).toBe(2)
    client.setsockopt(IPPROTO_UDP, UDP_CORK, false)
    const room = new Uint8Array(9)
    expect(await hosts.drive(server.recv(room))).toBe(5)
    expect(room.subarray(0, 5)).toEqual(octets(5))
  })

  test('that makes it too long: EMSGSIZE, and nothing is left of it', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    client.setsockopt(IPPROTO_UDP, UDP_CORK, true)
    client.trySendto(octets(3), scene().at())
    expect(() => client.trySendto(octets(65_530), scene().at())).toThrow('sendto EMSGSIZE')
    client.setsockopt(IPPROTO_UDP, UDP_CORK, false)
    await client.sendto(octets(7), scene().at())
    expect(await hosts.drive(server.recv(new Uint8Array(9)))).toBe(7)
  })
})
