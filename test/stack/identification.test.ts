import { expect, test } from 'vitest'
import { IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IPPROTO_IP } from '../../src/base/constants.ts'
import { int, Peer } from '../tcp/peer.ts'
import { octets, parse } from './one-stack.ts'

test('identification: without DF a segment that goes again has another (RFC 6864 section 4.3, RFC 1122 section 3.2.1.5)', () => {
  const peer = new Peer()
  const endpoint = peer.open()
  peer.device.take()
  expect(endpoint.setOption(IPPROTO_IP, IP_MTU_DISCOVER, int(IP_PMTUDISC_DONT))).toBe(0)
  expect(endpoint.send(octets(100), 0, 100, 0)).toBe(100)
  peer.run(10_000)
  const packets = peer.device.take().map(parse)
  expect(packets.length).toBeGreaterThan(3)
  expect(packets.map(({ dontFragment }) => dontFragment)).toEqual(packets.map(() => false))
  expect(new Set(packets.map(({ identification }) => identification)).size).toBe(packets.length)
})
