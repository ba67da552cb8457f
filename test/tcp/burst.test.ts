import { expect, test } from 'vitest'
import { ACK } from '../../src/wire/tcp.ts'
import { octets } from '../stack/one-stack.ts'
import { Peer } from './peer.ts'

test('ESTABLISHED: segments that a device delivers in one burst are acknowledged once, when all are processed (RFC 9293 3.10.7.4, MUST-58, MUST-59)', () => {
  const peer = new Peer()
  peer.open()
  const packets = Array.from({ length: 10 }, (_, i) =>
    peer.packet(ACK, { seq: peer.seq + 1000 * i, data: octets(1000) }),
  )
  peer.device.deliver(...packets)
  peer.run()
  expect(peer.take().map(({ ack }) => (ack - peer.seq) | 0)).toEqual([10_000])
})
