import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFilter } from '../../src/cli/capture/capture-filter.ts'
import { CaptureHeaders } from '../../src/cli/capture/capture-headers.ts'
import { DIRECTION_INBOUND, LINKTYPE_ETHERNET, PcapngWriter } from '../../src/wire/pcapng.ts'
import { FILTERS, FRAMES } from '../cli/capture-frames.ts'
import { describeNetwork } from './requirements.ts'

/** The packets of a file in the older format of captures, as tcpdump writes it: a header of 24 octets, and of 16 before each packet. */
function packetsOf(file: Buffer): string[] {
  const packets: string[] = []
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8)
    packets.push(file.subarray(at + 16, at + 16 + length).toString('hex'))
    at += 16 + length
  }
  return packets
}

describeNetwork('filters of jackfield capture', ['tcpdump'], () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-filter-'))
    const blocks: Uint8Array[] = []
    const writer = new PcapngWriter((bytes) => blocks.push(bytes.slice()))
    const eth0 = writer.addInterface({ linkType: LINKTYPE_ETHERNET })
    let at = 0
    for (const frame of FRAMES.values()) writer.packet(eth0, at++, DIRECTION_INBOUND, frame, 0, frame.length)
    writeFileSync(join(folder, 'all.pcapng'), Buffer.concat(blocks))
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(FILTERS)('want what tcpdump wants: %s', (text) => {
    const out = join(folder, 'wanted.pcap')
    const { status, stderr } = spawnSync(
      'tcpdump',
      ['-r', join(folder, 'all.pcapng'), '-w', out, '-Z', 'root', ...(text === '' ? [] : [text])],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(stderr)
    const filter = parseFilter(text)
    const headers = new CaptureHeaders()
    const ours = [...FRAMES.values()].filter((bytes) => {
      headers.read(bytes, 0, bytes.length, 'ethernet')
      return filter(headers, 'in')
    })
    const hex = new Map([...FRAMES].map(([name, bytes]) => [Buffer.from(bytes).toString('hex'), name]))
    expect(ours.map((bytes) => hex.get(Buffer.from(bytes).toString('hex')))).toEqual(
      packetsOf(readFileSync(out)).map((packet) => hex.get(packet)),
    )
  })
})
