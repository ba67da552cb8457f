// Read first: RFC 9293 sections 3.5.2 and 3.10.7.1, RFC 7323 section 5.2.

import { ACK, RST, TCP_HEADER_LENGTH, type TcpSegment, writeTcp } from '../wire/tcp.ts'
import { writeNop, writeSignature, writeTimestamps } from '../wire/tcp-options.ts'
import type { TcpFlow, TcpHost } from './host.ts'
import { transmitSigned } from './segment-writer.ts'

/**
 * Answers a segment that belongs to no connection, or acknowledges what was never sent: `<SEQ=SEG.ACK><CTL=RST>`, or without an
 * ACK to go by `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`. A RST is never answered.
 */
export function replyReset(host: TcpHost, flow: TcpFlow, segment: TcpSegment): void {
  if ((segment.flags & RST) !== 0) return
  if (host.findPath(flow) < 0) return
  const at = host.segmentStart
  let end = at + TCP_HEADER_LENGTH
  if (flow.signatureKey !== null) end = writeSignature(host.frame, end)
  const signatureEnd = end
  if (segment.options.hasTimestamps && (segment.flags & ACK) !== 0) {
    // RFC 7323 section 5.2: with timestamps, so that the peer's PAWS has nothing against it.
    end = writeNop(host.frame, end)
    end = writeNop(host.frame, end)
    end = writeTimestamps(host.frame, end, 0, segment.options.tsVal)
  }
  if ((segment.flags & ACK) !== 0) {
    writeTcp(host.frame, at, flow.localPort, flow.remotePort, segment.ack, 0, end - at, RST, 0, 0)
  } else {
    const ack = (segment.seq + segment.length) | 0
    writeTcp(host.frame, at, flow.localPort, flow.remotePort, 0, ack, end - at, RST | ACK, 0, 0)
  }
  host.counters.resetsOut++
  transmitSigned(host, flow, end - at, end, signatureEnd)
}
