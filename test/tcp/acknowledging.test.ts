import { describe, expect, test } from 'vitest'
import { POLLIN } from '../../src/base/constants.ts'
import { ACK, PSH } from '../../src/wire/tcp.ts'
import { octets } from '../stack/one-stack.ts'
import { MSS_ONLY, Peer } from './peer.ts'

const SEGMENTS = 30

test.each([536, 1000, 1400, 1460])(
  'a peer whose full segments carry %i octets gets an acknowledgement for every second (RFC 9293 SHLD-19)',
  (size) => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    const got = new Uint8Array(size)
    const send = () => {
      peer.sendData(octets(size))
      socket.recv(got, 0, size, 0)
    }
    // The first are acknowledged each.
    for (let i = 0; i < 40; i++) send()
    peer.take()
    for (let i = 0; i < SEGMENTS; i++) send()
    expect(peer.take().length).toBe(SEGMENTS / 2)
  },
)

describe('ESTABLISHED: what came is acknowledged by the answer (RFC 9293 3.8.6.3, RFC 5681 4.2)', () => {
  test('that the program gives as soon as it has read', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    peer.device.deliver(peer.packet(ACK | PSH, { data: octets(10) }))
    peer.seq += 10
    const got = new Uint8Array(100)
    expect(socket.recv(got, 0, 100, 0)).toBe(10)
    socket.send(got, 0, 10, 0)
    peer.run()
    expect(peer.take().map(({ ack, data }) => [(ack - peer.seq) | 0, data.length])).toEqual([[0, 10]])
  })

  test.each([0, 3, 6])('that it gives %i turns of its own after it was told', (turns) => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    const got = new Uint8Array(100)
    const answer = (left: number): void => {
      if (left > 0) {
        peer.clock.defer(() => answer(left - 1))
        return
      }
      socket.recv(got, 0, 100, 0)
      socket.send(got, 0, 10, 0)
    }
    socket.watch({ ready: (events) => void ((events & POLLIN) !== 0 && answer(turns)) })
    peer.device.deliver(peer.packet(ACK | PSH, { data: octets(10) }))
    peer.seq += 10
    peer.run()
    expect(peer.take().map(({ ack, data }) => [(ack - peer.seq) | 0, data.length])).toEqual([[0, 10]])
  })

  test('but by itself where the route asks for quick acknowledgements (ip-route(8), quickack)', () => {
    const peer = new Peer()
    peer.stack.addRoute(`${peer.family.peer}/32`, { interface: 'eth0', quickAck: true })
    const socket = peer.open(MSS_ONLY)
    peer.device.deliver(peer.packet(ACK | PSH, { data: octets(10) }))
    peer.seq += 10
    const got = new Uint8Array(100)
    expect(socket.recv(got, 0, 100, 0)).toBe(10)
    socket.send(got, 0, 10, 0)
    peer.run()
    expect(peer.take().map(({ ack, data }) => [(ack - peer.seq) | 0, data.length])).toEqual([
      [0, 0],
      [0, 10],
    ])
  })

  test('but goes within the instant where none is given, and at once where it is more than a segment', () => {
    const peer = new Peer()
    const socket = peer.open(MSS_ONLY)
    const time = peer.clock.now()
    peer.device.deliver(peer.packet(ACK | PSH, { data: octets(10) }))
    peer.seq += 10
    peer.run()
    expect(peer.take().map(({ ack, data }) => [(ack - peer.seq) | 0, data.length])).toEqual([[0, 0]])
    const two = [0, 1460].map((at) => peer.packet(ACK, { seq: peer.seq + at, data: octets(1460) }))
    let turns = 0
    const sent: number[] = []
    const count = (): void => {
      sent.push(peer.device.sent.length)
      if (++turns < 4) peer.clock.defer(count)
    }
    socket.watch({ ready: () => peer.clock.defer(count) })
    peer.device.deliver(...two)
    peer.run()
    expect(sent).toEqual([0, 1, 1, 1])
    expect(peer.clock.now()).toBe(time)
  })
})
