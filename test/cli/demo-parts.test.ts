import { expect, test } from 'vitest'
import { captureFault } from '../../src/cli/demo/demo-capture.ts'
import { Flows } from '../../src/cli/demo/demo-flows.ts'
import { type FrameSegment, readFrame, wrongChecksums } from '../../src/cli/demo/demo-frame.ts'
import { Paper, WIDTH } from '../../src/cli/demo/demo-paper.ts'
import { LINKTYPE_ETHERNET, PcapngWriter } from '../../src/wire/pcapng.ts'
import { readPcapng } from '../../src/wire/pcapng-reader.ts'

/** A UDP datagram of five octets from 10.0.0.1 port 1000 to 10.0.0.2 port 12000. */
function datagram(): Uint8Array {
  const text = `
    02 00 00 00 00 02  02 00 00 00 00 01  08 00
    45 00 00 21  00 01 40 00  40 11 26 c9  0a 00 00 01  0a 00 00 02
    03 e8 2e e0  00 0d 75 37
    68 65 6c 6c 6f`
  return Uint8Array.from(text.trim().split(/\s+/), (octet) => Number.parseInt(octet, 16))
}

test('a frame is told with the octets of each layer, padding and frame check sequence', () => {
  const bytes = datagram()
  expect(readFrame(bytes, 0, bytes.length)).toEqual({
    line: 'IP 10.0.0.1.1000 > 10.0.0.2.12000: UDP, length 5',
    protocol: 'UDP',
    to: '02:00:00:00:00:02',
    sourceAddress: '10.0.0.1',
    destinationAddress: '10.0.0.2',
    ttl: 64,
    sizes: '14+20+8+5+13p+4',
    octets: 64,
    segment: null,
    ports: ['1000', '12000'],
    payload: Uint8Array.from(new TextEncoder().encode('hello')),
  })
})

test('a checksum is wrong after one bit has changed, in the IP header or in the data', () => {
  expect(wrongChecksums(datagram())).toEqual([])
  for (const [at, what] of [
    [22, /^IPv4 header checksum 0x26c9 \(incorrect/],
    [42, /^UDP checksum 0x7537 \(incorrect/],
  ] as const) {
    const bytes = datagram()
    bytes[at] = (bytes[at] as number) ^ 1
    expect(wrongChecksums(bytes)).toEqual([expect.stringMatching(what)])
  }
})

test('the fault of a capture: frames that lack, are cut off or have a wrong checksum, and an end too early', () => {
  const file = (...frames: [Uint8Array, number?][]) => {
    const blocks: number[] = []
    const writer = new PcapngWriter((bytes) => blocks.push(...bytes))
    for (const [frame, snapLength] of frames) {
      const options = snapLength === undefined ? {} : { snapLength }
      writer.packet(writer.addInterface({ linkType: LINKTYPE_ETHERNET, ...options }), 0, 0, frame, 0, frame.length)
    }
    return Uint8Array.from(blocks)
  }
  const wrong = datagram()
  wrong[45] = 0
  const good = file([datagram()], [datagram()])
  expect(captureFault(readPcapng(good), 0, 2)).toBe('')
  expect(captureFault(readPcapng(good), 0, 3)).toBe('the capture lacks frames: it has 2')
  expect(captureFault(readPcapng(good), 1, 1)).toBe('the capture lacks frames: it has 2')
  expect(captureFault(readPcapng(good.subarray(0, -4)), 0, 1)).toBe('the capture cannot be read to its end')
  expect(captureFault(readPcapng(file([datagram()], [datagram(), 40])), 0, 2)).toBe('frame 2 of the capture is cut off')
  const mixed = readPcapng(file([datagram()], [wrong]))
  expect(captureFault(mixed, 0, 2)).toMatch(/^frame 2 of the capture has a wrong checksum: UDP checksum 0x7537/)
  // What another program sent is not this one's fault.
  expect(captureFault(mixed, 0, 1)).toBe('')
})

function segment(forth: boolean, flags: string, seq: number, ack: number, length = 0, sack = ''): FrameSegment {
  const [source, destination] = forth ? ['a:1', 'b:2'] : ['b:2', 'a:1']
  return { source, destination, flags, seq: seq >>> 0, ack: ack >>> 0, window: 1, options: sack ? [sack] : [], length }
}

test('sequence numbers are told from the SYN of each side, over the end of the number space', () => {
  const flows = new Flows()
  const there = 0xfffffffe
  expect(flows.take(segment(true, 'SYN', there, 0), 0)).toMatchObject({ seq: 0, end: 1 })
  expect(flows.take(segment(false, 'SYN-ACK', 5000, there + 1), 5)).toMatchObject({ seq: 0, end: 1, ack: 1 })
  expect(flows.take(segment(true, 'PSH-ACK', there + 1, 5001, 10), 10)).toMatchObject({ seq: 1, end: 11, ack: 1 })
  const reported = segment(false, 'ACK', 5001, there + 1, 0, 'sack 2 {9:19}{29:39}')
  expect(flows.take(reported, 15)).toMatchObject({ ack: 1, sack: '11:21 31:41' })
})

test('a segment is sent again where its numbers were sent before, and a lone acknowledgement never is', () => {
  const flows = new Flows()
  expect(flows.take(segment(true, 'SYN', 100, 0), 0).again).toBeNull()
  expect(flows.take(segment(true, 'SYN', 100, 0), 1000).again).toBe(1000)
  expect(flows.take(segment(true, 'ACK', 101, 1), 1010).again).toBeNull()
  expect(flows.take(segment(true, 'ACK', 101, 1), 1020).again).toBeNull()
  expect(flows.take(segment(true, 'ACK', 101, 1, 10), 1030).again).toBeNull()
  expect(flows.take(segment(true, 'ACK', 101, 1, 10), 1250).again).toBe(220)
  expect(flows.take(segment(true, 'FIN-ACK', 111, 1), 1300).again).toBeNull()
  expect(flows.take(segment(true, 'FIN-ACK', 111, 1), 1500).again).toBe(200)
  // The same ends, a new connection.
  expect(flows.take(segment(true, 'SYN', 777, 0), 9000)).toMatchObject({ seq: 0, again: null })
})

test('paper: colours where they are wanted, lines cut to their width, paragraphs broken into them', () => {
  const written: string[] = []
  const print = (coloured: boolean) => new Paper((text) => written.push(text), coloured)
  print(true).line(['red', 'lost'], ['plain', ' again'])
  print(false).line(['red', 'lost'], ['plain', ' again'])
  expect(written).toEqual(['\u001b[31mlost\u001b[0m again\n', 'lost again\n'])
  written.length = 0
  print(false).line(['plain', 'x'.repeat(WIDTH - 2)], ['plain', 'yyyy'])
  expect(written).toEqual([`${'x'.repeat(WIDTH - 2)}y…\n`])
  written.length = 0
  print(false).paragraph('plain', 'word '.repeat(30).trim(), 10)
  expect(written.map((line) => line.length)).toEqual([100, 10 + 12 * 5])
})
