import { Fragment } from 'preact'
import type { NetstatEntry } from '../../../src/base/netstat-entry.ts'
import { endLog } from '../state/flow-log.ts'
import { sameFlow, select, selectedFlow, sockets, version } from '../state/store.ts'
import { endsOfRow, Queue, Timers } from './timers.tsx'
import './sockets-table.css'

/** What netstat shows of a host, as of the run's present. */
export function SocketsTable({ host }: { host: string }) {
  version.value
  const rows = sockets.value[host] ?? []
  return (
    <div class="scroll of-sockets" tabIndex={0} role="region" aria-label={`Sockets of ${host}`}>
      <table class="sockets">
        <thead>
          <tr>
            {['fd', 'Proto', 'Local', 'Peer', 'State', 'Recv-Q', 'Send-Q'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={`${row.protocol} ${row.fd} ${endsOfRow(row)}`}>
              <SocketRow host={host} row={row} />
              {row.timers.length === 0 ? null : (
                <tr class="timer-row">
                  <td />
                  <td colSpan={6}>
                    <Timers ends={endsOfRow(row)} timers={row.timers} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SocketRow({ host, row }: { host: string; row: NetstatEntry }) {
  const ends = endsOfRow(row)
  const [local, peer] = ends.split(' ')
  const hasPeer = row.peerPort !== 0
  const pick = () => select({ kind: 'flow', host, ends })
  const sample = endLog(ends)?.samples.at(-1)
  const listens = row.state === 'LISTEN'
  return (
    <tr
      class={`${sameFlow(ends, selectedFlow.value) ? 'related' : ''}${hasPeer ? ' has-peer' : ''}`}
      {...(hasPeer ? { onClick: pick } : {})}
    >
      <td>{row.fd ?? ''}</td>
      <td>{row.protocol}</td>
      <td>{local}</td>
      <td>
        {hasPeer ? (
          <button type="button" onClick={pick}>
            {peer}
          </button>
        ) : (
          '*'
        )}
      </td>
      <td>{row.state}</td>
      <td>
        <Queue
          octets={row.receiveQueue}
          room={listens ? row.sendQueue : (sample?.receiveBuffer ?? 0)}
          what={listens ? 'connections wait for accept' : 'octets wait to be read'}
        />
      </td>
      <td>
        <Queue
          octets={row.sendQueue}
          room={listens ? 0 : (sample?.sendBuffer ?? 0)}
          what={listens ? 'connections may wait: the backlog' : 'octets are not acknowledged'}
        />
      </td>
    </tr>
  )
}
