// Read first: RFC 9293 sections 3.3.1 and 3.4, RFC 5681, RFC 6298, RFC 6675. The numbers of a connection, by the names that RFCs give them.

import type { SampleEvent } from '../../engine/run-events.ts'
import { brief, inFlight } from './plot-data.ts'

export interface FlowNumber {
  readonly name: string
  readonly value: (sample: SampleEvent) => string
  readonly meaning: string
  readonly source: string
}

const milliseconds = (value: number) => `${value.toFixed(value < 100 ? 2 : 0)} ms`
const octets = (value: number, mss: number) => `${value} (${brief(value / mss)} × MSS)`

export const FLOW_NUMBERS: readonly FlowNumber[] = [
  {
    name: 'SND.UNA',
    value: ({ sndUna }) => String(sndUna),
    meaning: 'The oldest octet that is not acknowledged; all before it has arrived. The SYN is number 0.',
    source: 'RFC 9293 section 3.3.1',
  },
  {
    name: 'SND.NXT',
    value: ({ sndNxt }) => String(sndNxt),
    meaning: 'The octet that is sent next. What lies between SND.UNA and it is on its way, or lost.',
    source: 'RFC 9293 section 3.3.1',
  },
  {
    name: 'SND.WND',
    value: ({ sndWnd }) => String(sndWnd),
    meaning: 'How many octets from SND.UNA on the peer has room for, as it said last.',
    source: 'RFC 9293 section 3.3.1',
  },
  {
    name: 'RCV.NXT',
    value: ({ rcvNxt }) => String(rcvNxt),
    meaning: 'The octet that is awaited from the peer: what is acknowledged to it.',
    source: 'RFC 9293 section 3.3.1',
  },
  {
    name: 'RCV.WND',
    value: ({ rcvWnd }) => String(rcvWnd),
    meaning: 'How many octets the peer was told that it may send, and has not sent yet.',
    source: 'RFC 9293 section 3.3.1',
  },
  {
    name: 'in flight',
    value: (sample) => octets(inFlight(sample), sample.mss),
    meaning:
      'Octets that are sent, and neither acknowledged nor reported by SACK: SND.NXT − SND.UNA less what SACK tells. What is lost counts until it is mended.',
    source: 'RFC 5681 section 2, RFC 2018',
  },
  {
    name: 'pipe',
    value: ({ pipe, mss }) => `${mss === 0 ? 0 : Math.round(pipe / mss)} segments`,
    meaning:
      'Segments that are thought to be in the network, of whatever length: those that are taken for lost do not count, but do when they are sent again.',
    source: 'RFC 6675 section 2',
  },
  {
    name: 'cwnd',
    value: ({ cwnd, mss }) => octets(cwnd, mss),
    meaning: 'The congestion window: no more than this may be in flight, so that the network is not overloaded.',
    source: 'RFC 5681 section 2',
  },
  {
    name: 'ssthresh',
    value: ({ ssthresh, mss }) => (ssthresh < 0 ? '∞' : octets(ssthresh, mss)),
    meaning: 'Below it cwnd grows by slow start, doubling each round trip; above it slowly. A loss sets it.',
    source: 'RFC 5681 section 3.1',
  },
  {
    name: 'recovery',
    value: ({ recovery }) => recovery,
    meaning:
      'open: all is well; disorder: something came out of order; recovery: a loss is mended; loss: after a time-out; cwr: slowing down.',
    source: 'RFC 6675 section 5, Linux’s tcpi_ca_state',
  },
  {
    name: 'srtt',
    value: ({ srtt }) => (srtt === 0 ? '–' : milliseconds(srtt)),
    meaning: 'The round trip, smoothed: each measurement moves it by an eighth of the difference.',
    source: 'RFC 6298 section 2',
  },
  {
    name: 'rttvar',
    value: ({ rttvar, srtt }) => (srtt === 0 ? '–' : milliseconds(rttvar)),
    meaning: 'How far measurements lie from srtt: each moves it by a quarter.',
    source: 'RFC 6298 section 2',
  },
  {
    name: 'RTO',
    value: ({ rto }) => milliseconds(rto),
    meaning:
      'How long an acknowledgement is waited for: srtt plus four times the variation, of which at least 200 ms are taken, as Linux does (RFC 6298: 1 s for the whole); doubled after each time-out.',
    source: 'RFC 6298 sections 2 and 5',
  },
  {
    name: 'MSS',
    value: ({ mss }) => String(mss),
    meaning:
      'The most data that a segment carries to the peer: no more than the peer told in its SYN, and than the path takes.',
    source: 'RFC 9293 section 3.7.1',
  },
]
