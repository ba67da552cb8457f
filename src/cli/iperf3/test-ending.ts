import { NO_PROCESSOR_USE } from './processor-use.ts'
import { congestionOf } from './stream-options.ts'
import type { StreamTotals, TestEnding } from './test-report.ts'
import type { StreamResult, TestResults } from './test-results.ts'
import type { TestRun } from './test-run.ts'

/** What this side tells the other. */
export function ownResults(run: TestRun, congestion: string, output: TestResults['output']): TestResults {
  return {
    processor: run.processor ?? NO_PROCESSOR_USE,
    hasRetransmits: run.hasRetransmits,
    congestion,
    streams: run.results,
    output,
  }
}

/** What a test came to: what this side has counted, and what the other says it has; null where it has said nothing. */
export function testEnding(run: TestRun, congestion: string, remote: TestResults | null): TestEnding {
  const own = run.results
  return {
    streams: run.meters.map((meter, place) => {
      const here = own[place] as StreamResult
      const there = remote?.streams[place] ?? null
      const { fd, sends } = meter.stream
      return totals(fd, sends, here, there, meter.datagrams !== null, meter)
    }),
    processor: run.processor ?? NO_PROCESSOR_USE,
    remoteProcessor: remote?.processor ?? null,
    congestion,
    remoteCongestion: remote?.congestion ?? '',
    serverOutput: remote?.output ?? null,
  }
}

function totals(
  fd: number,
  sends: boolean,
  here: StreamResult,
  there: StreamResult | null,
  udp: boolean,
  meter: Pick<TestRun['meters'][number], 'extremes' | 'datagrams'>,
): StreamTotals {
  const [sender, receiver] = sends ? [here, there] : [there, here]
  const side = (one: StreamResult | null, sent: boolean) =>
    one === null ? null : { bytes: one.bytes, seconds: one.end, retransmits: sent && !udp ? one.retransmits : null }
  const counted = sends
    ? there === null
      ? null
      : { packets: there.packets, lost: there.lost, outOfOrder: 0, jitter: there.jitter * 1000 }
    : meter.datagrams
  return {
    fd,
    sends,
    sender: side(sender, true),
    receiver: side(receiver, false),
    extremes: meter.extremes,
    datagrams: udp ? counted : null,
    sent: sender?.packets ?? here.packets,
  }
}

/** The congestion control of the first stream, asked while it is open; '' of datagrams. */
export function congestionIn(run: TestRun): string {
  const [first] = run.meters
  return first === undefined || first.datagrams !== null ? '' : congestionOf(first.stream.socket)
}
