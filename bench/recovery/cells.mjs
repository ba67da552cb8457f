// The paths on which TCP is compared: what is wrong with them, and for how long a flow is watched. Rates in bits a second, times in
// milliseconds, queues in octets.

const RATE = 20e6
const PACKET = 1514

function cell(name, { rtt, rate = RATE, queue, seconds, ...faults }) {
  const product = (rate * rtt) / 8000
  return {
    name,
    // Where much is lost, time-outs decide: more of them make a steadier figure.
    seconds: seconds ?? Math.max(faults.loss > 0.01 ? 5 : 2, Math.min(8, rtt / 25)),
    // One bandwidth-delay product, as routers were built to have, but no less than 40 packets.
    impairment: { delay: rtt / 2, rate, queue: queue ?? Math.round(Math.max(product, 40 * PACKET)), ...faults },
  }
}

const percent = (loss) => `${Number((loss * 100).toFixed(1))} %`

export const cells = []
for (const rtt of [1, 10, 50, 200]) {
  for (const loss of [0, 0.001, 0.01, 0.03, 0.1]) {
    cells.push(cell(`${rtt} ms, loss ${percent(loss)}`, { rtt, ...(loss > 0 && { loss }) }))
  }
}
cells.push(
  cell('20 ms, bursts of 3', { rtt: 20, burst: { enter: 0.002, leave: 0.33 } }),
  cell('20 ms, bursts of 10', { rtt: 20, burst: { enter: 0.001, leave: 0.1 } }),
  cell('20 ms, reordered 1 %', { rtt: 20, reorder: 0.01 }),
  cell('20 ms, reordered 10 %', { rtt: 20, reorder: 0.1 }),
  cell('20 ms, reordered 2 % by 12, loss 1 %', { rtt: 20, reorder: 0.02, distance: 12, loss: 0.01 }),
  cell('20 ms, jitter 8 ms', { rtt: 20, jitter: 8 }),
  cell('20 ms, queue of 10', { rtt: 20, queue: 10 * PACKET }),
  cell('50 ms, queue of 15', { rtt: 50, queue: 15 * PACKET }),
  cell('100 ms, queue of 200', { rtt: 100, queue: 200 * PACKET, seconds: 6 }),
)

/** What --quick measures. */
export const quick = [
  '1 ms, loss 0 %',
  '10 ms, loss 1 %',
  '50 ms, loss 0 %',
  '50 ms, loss 0.1 %',
  '50 ms, loss 3 %',
  '200 ms, loss 1 %',
  '10 ms, loss 10 %',
  '20 ms, bursts of 10',
  '20 ms, reordered 10 %',
  '20 ms, queue of 10',
]

/** Where two flows share a bottleneck: how long, for the window of each to find its place. */
export const fairness = cell('fairness', { rtt: 20, rate: 20e6, queue: 60 * PACKET, seconds: 20 })
