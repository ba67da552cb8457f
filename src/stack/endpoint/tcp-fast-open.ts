// Read first: RFC 7413 section 4.3 and appendix A; tcp(7) TCP_FASTOPEN, connect(2), sendto(2) MSG_FASTOPEN. Errors are Linux's.

import {
  SOMAXCONN,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_KEY,
  TCP_FASTOPEN_NO_COOKIE,
} from '../../base/constants.ts'
import { EINPROGRESS, EINVAL, EISCONN, EOPNOTSUPP } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { openActive } from '../../tcp/active-open.ts'
import type { Connection } from '../../tcp/connection.ts'
import { FAST_OPEN_ALL_LISTENERS, FAST_OPEN_CLIENT, FAST_OPEN_SERVER, FO_DEFERRED } from '../../tcp/fast-open.ts'
import { mayFastOpen, type SynData } from '../../tcp/fast-open-client.ts'
import { FastOpenKeys, KEY_LENGTH } from '../../tcp/fast-open-key.ts'
import type { Listener } from '../../tcp/listener.ts'
import { CLOSED, SYN_SENT } from '../../tcp/state.ts'
import { write } from '../../tcp/user-calls.ts'
import { awaitsData } from './awaits-data.ts'
import { readInt, writeInt } from './option-value.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'
import { TcpPreferences } from './tcp-preferences.ts'

const NO_DATA: SynData = { bytes: new Uint8Array(0), start: 0, end: 0 }

function isFastOpenOption(name: number): boolean {
  return (
    name === TCP_FASTOPEN ||
    name === TCP_FASTOPEN_CONNECT ||
    name === TCP_FASTOPEN_NO_COOKIE ||
    name === TCP_FASTOPEN_KEY
  )
}

/** The octets of the value. */
function getFastOpenOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  const { preferences, layer, listener } = endpoint
  switch (name) {
    case TCP_FASTOPEN:
      return writeInt(value, listener?.fastOpenMax ?? preferences?.fastOpenMax ?? 0)
    case TCP_FASTOPEN_CONNECT:
      return writeInt(value, preferences?.fastOpenConnect === true ? 1 : 0)
    case TCP_FASTOPEN_NO_COOKIE:
      return writeInt(value, preferences?.fastOpenNoCookie === true ? 1 : 0)
    default: {
      const octets = (preferences?.fastOpenKeys ?? layer.fastOpen?.keys)?.octets ?? NO_DATA.bytes
      const length = Math.min(value.length, octets.length)
      value.set(octets.subarray(0, length))
      return length
    }
  }
}

/** 0, or a negated errno. */
function setFastOpenOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  const { connection, layer, listener } = endpoint
  if (value.length < 4) return -EINVAL
  const preferences = endpoint.preferences ?? new TcpPreferences(layer.config)
  const int = readInt(value)
  const unused = connection === null || connection.state === CLOSED
  switch (name) {
    case TCP_FASTOPEN:
      if (int < 0 || !unused) return -EINVAL
      preferences.fastOpenMax = Math.min(int, SOMAXCONN)
      break
    case TCP_FASTOPEN_CONNECT:
      if (int < 0 || int > 1) return -EINVAL
      if ((layer.config.fastOpen & FAST_OPEN_CLIENT) === 0) return -EOPNOTSUPP
      if (!unused || listener !== null) return -EINVAL
      preferences.fastOpenConnect = int !== 0
      break
    case TCP_FASTOPEN_NO_COOKIE:
      if (int < 0 || int > 1 || !unused) return -EINVAL
      preferences.fastOpenNoCookie = int !== 0
      break
    default:
      if (value.length !== KEY_LENGTH && value.length !== 2 * KEY_LENGTH) return -EINVAL
      preferences.fastOpenKeys = new FastOpenKeys(value)
  }
  endpoint.preferences = preferences
  if (listener !== null) {
    if (name === TCP_FASTOPEN) listener.fastOpenMax = preferences.fastOpenMax
    listener.fastOpenNoCookie = preferences.fastOpenNoCookie
    listener.fastOpenKeys = preferences.fastOpenKeys
  }
  return 0
}

/** A socket listens: has it asked for Fast Open, or has the host for all? */
function listenerFastOpens({ preferences, layer }: TcpEndpoint, listener: Listener): void {
  const all = FAST_OPEN_ALL_LISTENERS | FAST_OPEN_SERVER
  listener.fastOpenMax = preferences?.fastOpenMax ?? 0
  if (listener.fastOpenMax === 0 && (layer.config.fastOpen & all) === all) listener.fastOpenMax = listener.backlog
  listener.fastOpenNoCookie = preferences?.fastOpenNoCookie ?? false
  listener.fastOpenKeys = preferences?.fastOpenKeys ?? null
}

/** tcp(7), TCP_FASTOPEN_CONNECT: with a cookie at hand connect says yes at once, and the SYN goes with the first data. */
function defersSyn(endpoint: TcpEndpoint, c: Connection): boolean {
  if (endpoint.preferences?.fastOpenConnect !== true || !mayFastOpen(c)) return false
  c.state = SYN_SENT
  c.fastOpen |= FO_DEFERRED
  return true
}

/** What connect(2) sends with its SYN: nothing, but with TCP_FASTOPEN_CONNECT it asks for a cookie. */
function synDataOf({ preferences }: TcpEndpoint): SynData | null {
  return preferences?.fastOpenConnect === true ? NO_DATA : null
}

/**
 * Opens the connection to `name` with the data of a send, or sends the first data after a connect that was put off. The octets that
 * went with the SYN; -EINPROGRESS where none could, but the connection is on its way; or another negated errno.
 */
function sendFastOpen(
  endpoint: TcpEndpoint,
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
  name: SocketAddress | null,
): number {
  const { connection, layer } = endpoint
  if ((layer.config.fastOpen & FAST_OPEN_CLIENT) === 0) return -EOPNOTSUPP
  const data: SynData = { bytes, start, end }
  if (connection !== null && awaitsData(connection)) return begun(endpoint, openDeferred(endpoint, connection, data))
  if (endpoint.listener !== null) return -EISCONN
  if (name === null && connection === null) return -EINVAL
  if (connection !== null) {
    const progress = endpoint.progress(connection)
    return progress < 0 ? progress : write(connection, bytes, start, end, flags)
  }
  const opened = endpoint.open(name as SocketAddress, data) // Not null: looked at above.
  return begun(endpoint, opened)
}

/** 0, or a negated errno: then there is no connection. */
function openDeferred(endpoint: TcpEndpoint, c: Connection, data: SynData): number {
  endpoint.layer.time.refresh()
  c.fastOpen &= ~FO_DEFERRED
  const opened = openActive(c, endpoint.floor, data)
  if (opened === 0) return 0
  c.state = CLOSED
  c.lease?.release()
  endpoint.connection = null
  endpoint.giveBack()
  return opened
}

function begun({ connection }: TcpEndpoint, opened: number): number {
  if (opened < 0 && opened !== -EINPROGRESS) return opened
  const taken = connection === null ? 0 : connection.sendRing.length
  return taken > 0 ? taken : -EINPROGRESS
}

/** What sockets have of Fast Open. */
export const FAST_OPEN_SOCKETS = {
  isFastOpenOption,
  getFastOpenOption,
  setFastOpenOption,
  listenerFastOpens,
  defersSyn,
  synDataOf,
  sendFastOpen,
} as const
