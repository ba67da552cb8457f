import { expect, test } from 'vitest'
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
