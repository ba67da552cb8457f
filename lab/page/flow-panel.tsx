import { now, sameFlow, samples, selectedFlow, states, version } from './store.ts'

/** A connection, as each of its ends has it. */
export function FlowPanel() {
  version.value
  const flow = selectedFlow.value
  const [here = '', there = ''] = flow.split(' ')
  const walked = states.filter(({ ends, at }) => sameFlow(ends, flow) && at <= now.value)
  return (
    <div class="flow-panel">
      <h2>
        {here} ↔ {there}
      </h2>
      {[here, there].map((end) => {
        const own = walked.filter(({ ends }) => ends.startsWith(`${end} `))
        const sample = samples.findLast(({ ends }) => ends.startsWith(`${end} `) && sameFlow(ends, flow))
        return (
          <div key={end} class="end">
            <h3>{end}</h3>
            <p class="state">{own.at(-1)?.to ?? 'no connection yet'}</p>
            <ol class="walk">
              {own.map(({ at, from, to }) => (
                <li key={`${at} ${from} ${to}`}>
                  <span class="at">{(at / 1000).toFixed(3)}</span> {from} → {to}
                </li>
              ))}
            </ol>
            {sample === undefined ? null : (
              <dl class="numbers">
                {(
                  [
                    ['sndUna', sample.sndUna],
                    ['sndNxt', sample.sndNxt],
                    ['sndWnd', sample.sndWnd],
                    ['rcvNxt', sample.rcvNxt],
                    ['cwnd', sample.cwnd],
                    ['ssthresh', sample.ssthresh < 0 ? '∞' : sample.ssthresh],
                    ['srtt', `${sample.srtt.toFixed(1)} ms`],
                    ['rto', `${sample.rto.toFixed(0)} ms`],
                    ['recovery', sample.recovery],
                  ] as const
                ).map(([name, value]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        )
      })}
    </div>
  )
}
