import { describe, expect, test } from 'vitest'
import { AF_INET, AF_UNIX } from '../../src/base/constants.ts'
import {
  AF_NETLINK,
  AF_PACKET,
  AF_VSOCK,
  ETH_P_IP,
  PACKET_OUTGOING,
  VMADDR_CID_HOST,
} from '../../src/base/constants-link.ts'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from '../../src/base/socket-address.ts'

/** The struct of an address, as spaced hex. */
function struct(address: SocketAddress): string {
  const bytes = new Uint8Array(128).fill(0xee)
  const length = encodeSocketAddress(address, bytes, 1)
  return Buffer.from(bytes.subarray(1, 1 + length))
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
}

function read(hex: string): SocketAddress | null {
  const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  const address = SocketAddress.internet('192.0.2.1', 80)
  return decodeSocketAddress(address, bytes, 0, bytes.length) ? address : null
}

const STATION = Uint8Array.of(2, 0, 0, 0, 0, 1)

describe.each([
  [
    'packet(7), sockaddr_ll',
    SocketAddress.packet({
      ifindex: 3,
      protocol: ETH_P_IP,
      hardwareType: 1,
      packetType: 4,
      hardwareAddress: STATION,
    }),
    '11 00 08 00 03 00 00 00 01 00 04 06 02 00 00 00 00 01 00 00',
    'packet:3:0x0800:02:00:00:00:00:01',
  ],
  [
    'packet(7), to bind',
    SocketAddress.packet({ ifindex: 0x01020304 }),
    '11 00 00 00 04 03 02 01 00 00 00 00 00 00 00 00 00 00 00 00',
    'packet:16909060:0x0000',
  ],
  [
    'netlink(7), sockaddr_nl',
    SocketAddress.netlink(258, 0x80000001),
    '10 00 00 00 02 01 00 00 01 00 00 80',
    'netlink:258:0x80000001',
  ],
  [
    'vsock(7), sockaddr_vm',
    SocketAddress.vsock(VMADDR_CID_HOST, 0xfffffffe),
    '28 00 00 00 fe ff ff ff 02 00 00 00 00 00 00 00',
    'vsock:2:4294967294',
  ],
  ['any other family', SocketAddress.of(0x0126, Uint8Array.of(1, 2, 255)), '26 01 01 02 ff', 'family 294: 0102ff'],
  ['any other family, without a word', SocketAddress.of(38, new Uint8Array(0)), '26 00', 'family 38: '],
] as const)('%s', (_what, address, hex, text) => {
  test('is written as the struct of C, and read from it', () => {
    expect(struct(address)).toBe(hex)
    expect(read(hex)?.equals(address)).toBe(true)
  })

  test('has a text', () => {
    expect(address.toString()).toBe(text)
    expect(address.address).toBe(text)
  })

  test('a copy is the same, and another one is not', () => {
    expect(address.copy().equals(address)).toBe(true)
    expect(address.equals(new SocketAddress(address.family))).toBe(false)
    const next = SocketAddress.of(
      address.family,
      (address.other as Uint8Array).map((octet) => octet ^ 1),
    )
    expect(next.equals(address)).toBe((address.other as Uint8Array).length === 0)
  })

  test('whatever is set after it has nothing of it', () => {
    const other = address.copy()
    other.set(SocketAddress.internet('192.0.2.1', 80))
    expect(struct(other)).toBe('02 00 00 50 c0 00 02 01 00 00 00 00 00 00 00 00')
    other.set(address)
    other.setUnix('/a')
    expect(struct(other)).toBe('01 00 2f 61 00')
  })
})

test('what an address says is read by its family, and no other', () => {
  const link = SocketAddress.packet({
    ifindex: 3,
    protocol: ETH_P_IP,
    packetType: PACKET_OUTGOING,
    hardwareAddress: STATION,
  })
  expect(link.packet).toEqual({
    ifindex: 3,
    protocol: ETH_P_IP,
    hardwareType: 0,
    packetType: PACKET_OUTGOING,
    hardwareAddress: STATION,
  })
  expect([link.family, link.netlink, link.vsock]).toEqual([AF_PACKET, null, null])
  expect(SocketAddress.netlink(7, 1).netlink).toEqual({ pid: 7, groups: 1 })
  expect(SocketAddress.netlink(7).family).toBe(AF_NETLINK)
  expect(SocketAddress.vsock(2, 99).vsock).toEqual({ cid: 2, port: 99 })
  expect(SocketAddress.vsock(2, 99).family).toBe(AF_VSOCK)
  expect(SocketAddress.internet('192.0.2.1', 80).packet).toBeNull()
})

test('structs that are cut short say nothing of their fields, and are kept whole', () => {
  const link = read('11 00 08 00 03 00')
  expect(link?.packet).toBeNull()
  expect(link?.other).toEqual(Uint8Array.of(8, 0, 3, 0))
  expect(read('10 00 00 00 02 01 00 00 01 00 00')?.netlink).toBeNull()
  expect(read('28 00 00 00 fe ff ff ff 02 00 00 00 00 00 00')?.vsock).toBeNull()
  expect(read('10')).toBeNull()
  expect(read('00 00 01 02')).toBeNull()
})

test('a hardware address of 20 octets (IP over InfiniBand) goes beyond the struct', () => {
  const hardwareAddress = new Uint8Array(20).map((_, i) => i)
  const address = SocketAddress.packet({ ifindex: 1, hardwareAddress })
  const bytes = new Uint8Array(128)
  expect(encodeSocketAddress(address, bytes)).toBe(32)
  const back = new SocketAddress()
  expect(decodeSocketAddress(back, bytes, 0, 32)).toBe(true)
  expect(back.packet?.hardwareAddress).toEqual(hardwareAddress)
})

test('a Unix path that is no UTF-8 keeps its octets: unix(7) asks for none', () => {
  const address = read('01 00 2f 72 75 6e 2f ff fe 00')
  expect(address?.path).toBe('/run/\udcff\udcfe')
  expect(struct(address as SocketAddress)).toBe('01 00 2f 72 75 6e 2f ff fe 00')
  expect(address?.copy().equals(address)).toBe(true)
})

test.each([
  ['ifindex', () => SocketAddress.packet({ ifindex: -1 })],
  ['protocol', () => SocketAddress.packet({ ifindex: 1, protocol: 65536 })],
  ['hardwareAddress', () => SocketAddress.packet({ ifindex: 1, hardwareAddress: new Uint8Array(33) })],
  ['hardwareAddress', () => SocketAddress.packet({ ifindex: 1, hardwareAddress: 'lo' as unknown as Uint8Array })],
  ['pid', () => SocketAddress.netlink(-1)],
  ['groups', () => SocketAddress.netlink(0, 2 ** 32)],
  ['cid', () => SocketAddress.vsock(1.5, 1)],
  ['port', () => SocketAddress.vsock(1, -1)],
  ['family', () => SocketAddress.of(AF_INET, new Uint8Array(2))],
  ['family', () => SocketAddress.of(AF_UNIX, new Uint8Array(2))],
  ['family', () => SocketAddress.of(65536, new Uint8Array(2))],
  ['octets', () => SocketAddress.of(38, new Uint8Array(127))],
])('a wrong %s is named', (name, make) => {
  expect(make).toThrow(name)
})

test('room that is too small throws', () => {
  expect(() => encodeSocketAddress(SocketAddress.netlink(1), new Uint8Array(12), 1)).toThrow(RangeError)
})
