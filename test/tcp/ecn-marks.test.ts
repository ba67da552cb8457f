import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AF_INET, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { emptyTcpInfo, type TcpInfo } from '../../src/base/tcp-info.ts'
import { Cable } from '../../src/device/cable.ts'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import { Stack } from '../../src/stack/stack.ts'
import type { Connection } from '../../src/tcp/connection.ts'
import { fillTcpInfo } from '../../src/tcp/info.ts'
import { Chance } from './chance.ts'
import { MarkingDevice } from './marking-device.ts'
import { connectionOf } from './peer.ts'

const OCTETS = 600_000
const data = new Uint8Array(100_000)

let clock: ManualClock
let marker: MarkingDevice
let client: Stack
let server: Stack

beforeEach(() => {
  clock = new ManualClock(1000)
})

afterEach(() => {
  client.close()
  server.close()
})

function infoOf(connection: Connection): TcpInfo {
  const info = emptyTcpInfo()
  fillTcpInfo(connection, info)
  return info
}

/** The client sends OCTETS over a path that marks; both ends when all has been acknowledged. */
function transfer(
  ecn: number,
  ecnOption: number,
  seed: number,
): { readonly sender: TcpInfo; readonly receiver: TcpInfo } {
  const cable = new Cable({ offloads: true, delay: 5, rate: 50e6 })
  marker = new MarkingDevice(cable.left, new Chance(seed))
  client = new Stack({ clock, random: new SeededRandom(seed), tcp: { ecn, ecnOption } })
  server = new Stack({ clock, random: new SeededRandom(seed + 1), tcp: { ecn, ecnOption } })
  client.attach(marker, { address: '10.0.0.1/24' })
  server.attach(cable.right, { address: '10.0.0.2/24' })
  const listener = server.socket(AF_INET, SOCK_STREAM, 0) as TcpEndpoint
  listener.bind(SocketAddress.internet('10.0.0.2', 80))
  listener.listen(1)
  const socket = client.socket(AF_INET, SOCK_STREAM, 0) as TcpEndpoint
  socket.connect(SocketAddress.internet('10.0.0.2', 80))
  clock.advanceTo(clock.now() + 100)
  const accepted = listener.accept(null)
  if (!(accepted instanceof TcpEndpoint)) throw new Error(`accept gave ${accepted}`)
  let sent = 0
  let received = 0
  const buffer = new Uint8Array(65_536)
  while (received < OCTETS) {
    const count = sent < OCTETS ? socket.send(data, 0, Math.min(data.length, OCTETS - sent), 0) : 0
    if (count > 0) sent += count
    for (let n = accepted.recv(buffer, 0, buffer.length, 0); n > 0; n = accepted.recv(buffer, 0, buffer.length, 0)) {
      received += n
    }
    clock.advanceTo(clock.now() + 1)
    if (clock.now() > 100_000) throw new Error(`stands still at ${received}`)
  }
  clock.advanceTo(clock.now() + 1000)
  return { sender: infoOf(connectionOf(socket)), receiver: infoOf(connectionOf(accepted)) }
}

describe('a path that marks', () => {
  it.each([1, 2, 3, 4, 5])(
    'accurate ECN: the sender learns of each mark, in packets and octets (RFC 9768 3.2), seed %i',
    (seed) => {
      const { sender, receiver } = transfer(3, 2, seed)
      expect(marker.marked).toBeGreaterThan(10)
      expect(receiver.tcpi_received_ce).toBe(marker.marked)
      expect(sender.tcpi_delivered_ce).toBe(marker.marked)
      expect(sender.tcpi_delivered_ce_bytes).toBe(receiver.tcpi_received_ce_bytes)
      expect(sender.tcpi_delivered_e0_bytes).toBe(receiver.tcpi_received_e0_bytes)
      expect(receiver.tcpi_received_e0_bytes + receiver.tcpi_received_ce_bytes).toBe(OCTETS)
      expect(sender).toMatchObject({ tcpi_total_retrans: 0, tcpi_accecn_fail_mode: 0 })
    },
  )

  it('accurate ECN without the option: three bits of every acknowledgement are enough (RFC 9768 3.2.2)', () => {
    const { sender, receiver } = transfer(3, 0, 7)
    expect(receiver.tcpi_received_ce).toBe(marker.marked)
    expect(sender.tcpi_delivered_ce).toBe(marker.marked)
    expect(sender.tcpi_delivered_ce_bytes).toBe(0)
  })

  it('ECN: marks slow the sender down, and nothing is lost (RFC 3168 6.1)', () => {
    const { sender } = transfer(1, 0, 8)
    expect(marker.marked).toBeGreaterThan(2)
    expect(sender.tcpi_delivered_ce).toBeGreaterThan(0)
    expect(sender.tcpi_snd_ssthresh).toBeLessThan(100)
    expect(sender.tcpi_total_retrans).toBe(0)
  })
})
