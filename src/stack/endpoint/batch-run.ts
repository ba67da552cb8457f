import { type MessageBatch, NAME_LENGTH } from '../../socket/message-batch.ts'

/**
 * How many of the places [place, place + most) hold datagrams that can go as one large packet, in order: as long as the first, to the
 * same address, with the same beside it, `room` octets of data in all. The last may be shorter (UDP_SEGMENT in udp(7)). At least 1.
 */
export function runOfAlike(batch: MessageBatch, place: number, most: number, room: number): number {
  const { lengths, nameLengths, names, controlLengths, controls, controlSize } = batch
  const size = lengths[place] as number
  const nameLength = nameLengths[place] as number
  const controlLength = controlLengths[place] as number
  const least = Math.min(most, Math.floor(room / size))
  let count = 1
  while (count < least) {
    const next = place + count
    const length = lengths[next] as number
    if (length <= 0 || length > size || nameLengths[next] !== nameLength || controlLengths[next] !== controlLength)
      break
    if (!isSame(names, place * NAME_LENGTH, next * NAME_LENGTH, nameLength)) break
    if (!isSame(controls, place * controlSize, next * controlSize, controlLength)) break
    count++
    if (length < size) break
  }
  return count
}

function isSame(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}
