import { expect, test } from 'vitest'
import { AF_INET, SOCK_DGRAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import { TwoStacks } from './two-stacks.ts'

test("UDP: a datagram reaches the other host with its sender's address", () => {
  const hosts = new TwoStacks()
  const server = hosts.right.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  expect(server.bind(SocketAddress.internet('10.0.0.2', 7))).toBe(0)
  const client = hosts.left.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  expect(client.sendmsg(new Message([Uint8Array.of(1, 2, 3)], SocketAddress.internet('10.0.0.2', 7)), 0)).toBe(3)
  hosts.run()
  const message = new Message([new Uint8Array(10)], new SocketAddress())
  expect(server.recvmsg(message, 0)).toBe(3)
  expect(message.name?.address).toBe('10.0.0.1')
})
