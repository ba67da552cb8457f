import type { NetstatEntry } from '../../../src/base/netstat-entry.ts'
import { type EndLog, endLog } from '../state/flow-log.ts'
import { view } from '../state/shown-view.ts'
import { now, otherWay, seek, select, selectedFlow, sockets, version } from '../state/store.ts'
import { endName } from './flow-chooser.tsx'
import { FLOW_NUMBERS } from './flow-numbers.ts'
import { callsOf } from './socket-calls.ts'
import { endsOfRow, Queue, Timers } from './timers.tsx'
import './flow-panel.css'

/** A connection, as each of its ends has it. */
export function FlowPanel() {
  version.value
  const flow = selectedFlow.value
  const [here = '', there = ''] = flow.split(' ')
  const ways = [flow, otherWay(flow)]
  const known = ways.some((ends) => endLog(ends) !== null)
  return (
    <div class="flow-panel">
      <h2>
        {here} ↔ {there}
      </h2>
      {known ? (
        <div class="hands">
          {['plots', 'states', 'ladder'].map((name) => (
            <button
              type="button"
              key={name}
              onClick={() => {
                view.value = name
              }}
            >
              {name === 'plots' ? 'Its plots' : name === 'states' ? 'Its states' : 'Its ladder'}
            </button>
          ))}
        </div>
      ) : null}
      {ways.map((ends) => (
        <End key={ends} ends={ends} />
      ))}
    </div>
  )
}

function End({ ends }: { ends: string }) {
  const log = endLog(ends)
  const row = log === null ? undefined : sockets.value[log.host]?.find((one) => endsOfRow(one) === ends)
  const walk = (log?.states ?? []).filter(({ at }) => at <= now.value)
  const sample = log?.samples.at(-1)
  return (
    <section class="end" aria-label={endName(ends)}>
      <h3>{endName(ends)}</h3>
      <p class="state">{walk.at(-1)?.to ?? 'no connection yet'}</p>
      {row === undefined ? null : <Now row={row} ends={ends} log={log} />}
      <ol class="walk">
        {walk.map(({ at, from, to }) => (
          <li key={`${at} ${from} ${to}`}>
            <button type="button" class="at" title="Go to this moment" onClick={() => seek(at)}>
              {(at / 1000).toFixed(3)}
            </button>{' '}
            {from} → {to}
          </li>
        ))}
      </ol>
      {sample === undefined ? null : (
        <div class="flow-numbers" role="group" aria-label="Numbers of the connection, each explained">
          {FLOW_NUMBERS.map(({ name, value, meaning, source }) => (
            <details key={name} name={`numbers ${ends}`}>
              <summary title={meaning}>
                <span>{name}</span> <b>{value(sample)}</b>
              </summary>
              <p>
                {meaning} <small>{source}</small>
              </p>
            </details>
          ))}
        </div>
      )}
      {log === null ? null : <Calls log={log} />}
    </section>
  )
}

/** What waits: octets in the queues, and timers. */
function Now({ row, ends, log }: { row: NetstatEntry; ends: string; log: EndLog | null }) {
  const sample = log?.samples.at(-1)
  return (
    <dl class="waits">
      <dt>Recv-Q</dt>
      <dd>
        <Queue octets={row.receiveQueue} room={sample?.receiveBuffer ?? 0} what="octets wait to be read" />
      </dd>
      <dt>Send-Q</dt>
      <dd>
        <Queue octets={row.sendQueue} room={sample?.sendBuffer ?? 0} what="octets are not acknowledged" />
      </dd>
      <dt>Timers</dt>
      <dd>{row.timers.length === 0 ? 'none is set' : <Timers ends={ends} timers={row.timers} />}</dd>
    </dl>
  )
}

function Calls({ log }: { log: EndLog }) {
  const calls = callsOf(log)
  if (calls.length === 0) return null
  return (
    <details class="socket-calls">
      <summary>
        {calls.length} system {calls.length === 1 ? 'call' : 'calls'} of {log.host}
      </summary>
      <ol>
        {calls.map(({ index, at, text, frames }) => (
          <li key={index}>
            <span class="at">{(at / 1000).toFixed(4)}</span> <code>{text}</code>
            {frames.slice(0, 20).map((number) => (
              <button
                type="button"
                key={number}
                title={`Packet ${number}, which this call has caused`}
                onClick={() => select({ kind: 'frame', number })}
              >
                {number}
              </button>
            ))}
            {frames.length > 20 ? ` and ${frames.length - 20} more` : ''}
          </li>
        ))}
      </ol>
    </details>
  )
}
