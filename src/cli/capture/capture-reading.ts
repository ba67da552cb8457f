// Read first: tcpdump(1) on -r.

import { readFileSync } from 'node:fs'
import { DIRECTION_OUTBOUND, LINKTYPE_ETHERNET, LINKTYPE_RAW } from '../../wire/pcapng.ts'
import { readPcapng } from '../../wire/pcapng-reader.ts'
import { UsageError } from '../usage-error.ts'
import type { CaptureFilter } from './capture-filter.ts'
import { CaptureHeaders } from './capture-headers.ts'
import { ANY, isCalled, placeText, printable } from './capture-source.ts'
import type { ShowPacket } from './capture-target.ts'

/** A section begins so, in either byte order. */
const MAGIC = [0x0a, 0x0d, 0x0d, 0x0a]

export interface ReadingOptions {
  /** How many packets are shown at most. */
  readonly count?: number
  /** The interface whose packets are shown, or 'any'. */
  readonly interface?: string
}

/** Shows what a pcapng file has; "-" is standard input. Throws a UsageError where that is none, or has no such interface. */
export function showFile(path: string, filter: CaptureFilter, options: ReadingOptions, show: ShowPacket): void {
  const octets = read(path)
  if (octets.length < 4 || MAGIC.some((octet, i) => octets[i] !== octet)) {
    throw new UsageError(`-r ${JSON.stringify(path)} is no pcapng file; tcpdump -r reads older ones`)
  }
  const file = readPcapng(octets)
  const { count = Number.POSITIVE_INFINITY, interface: wanted = ANY } = options
  const names = file.interfaces.map(({ name }, i) => printable(name ?? `if${i}`))
  if (wanted !== ANY && !names.some((name) => isCalled(name, wanted))) {
    const there = [...names, ANY].join(', ')
    throw new UsageError(`-i ${wanted}: -r ${JSON.stringify(path)} has no such interface; there is ${there}`)
  }
  // Lines say which it is where there are several.
  const isNamed = wanted === ANY && names.length > 1
  const headers = new CaptureHeaders()
  let shown = 0
  for (const { interface: index, bytes, originalLength, direction, at } of file.packets) {
    if (shown >= count) return
    const name = names[index] ?? ''
    if (wanted !== ANY && !isCalled(name, wanted)) continue
    const linkType = file.interfaces[index]?.linkType
    if (linkType !== LINKTYPE_ETHERNET && linkType !== LINKTYPE_RAW) continue
    const medium = linkType === LINKTYPE_ETHERNET ? 'ethernet' : 'ip'
    headers.read(bytes, 0, bytes.length, medium)
    const way = direction === DIRECTION_OUTBOUND ? 'out' : 'in'
    if (!filter(headers, way)) continue
    shown++
    show(bytes, 0, bytes.length, medium, originalLength, at, isNamed ? placeText(name, way) : '')
  }
  if (file.truncated) process.stderr.write(`jackfield: -r ${JSON.stringify(path)} ends in the middle of a packet\n`)
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`-r ${JSON.stringify(path)} cannot be read, ${code}: name a pcapng file`)
  }
}
