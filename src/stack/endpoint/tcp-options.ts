// Read first: tcp(7) "Socket options", and socket(7), ip(7) for those of lower levels that reach into a connection.

import {
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_WANT,
  POLLIN,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOL_SOCKET,
  TCP_CORK,
  TCP_INFO,
  TCP_MAXSEG,
  TCP_MD5SIG,
  TCP_MD5SIG_EXT,
  TCP_NODELAY,
  TCP_QUICKACK,
  TCP_WINDOW_CLAMP,
} from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import { readerAcknowledges } from '../../tcp/ack-policy.ts'
import { ACK_PUSHED, type Connection } from '../../tcp/connection.ts'
import { updateKeepAlive } from '../../tcp/deadlines.ts'
import type { Listener } from '../../tcp/listener.ts'
import { updateMss } from '../../tcp/mss.ts'
import { output } from '../../tcp/output.ts'
import { Pacing, UNLIMITED } from '../../tcp/pacing.ts'
import { clampWindow, spaceFromWindow } from '../../tcp/receive-window.ts'
import { sendAck } from '../../tcp/segment-writer.ts'
import { lookForRoom } from '../../tcp/send-buffer.ts'
import { CLOSE_WAIT, CLOSED, ESTABLISHED } from '../../tcp/state.ts'
import { OPTION_KEEPALIVE, OPTION_OOBINLINE } from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'
import { NO_PACING } from './rare-options.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'
import { TcpPreferences } from './tcp-preferences.ts'

/** Of IP_MTU_DISCOVER, those that leave it to routers to cut packets. */
const FRAGMENTABLE: ReadonlySet<number> = new Set([IP_PMTUDISC_DONT, IP_PMTUDISC_INTERFACE, IP_PMTUDISC_OMIT])

/** The octets of the value, or a negated errno. */
export function getTcpOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  const c = endpoint.connection
  const { fastOpen, tcpInfo } = endpoint.layer.stack.parts
  if (name === TCP_INFO) return tcpInfo?.(endpoint, value) ?? -ENOPROTOOPT
  if (fastOpen?.sockets.isFastOpenOption(name)) return fastOpen.sockets.getFastOpenOption(endpoint, name, value)
  if (name === TCP_QUICKACK && c !== null) return writeInt(value, c.interactive ? 0 : 1)
  if (name === TCP_MAXSEG && c !== null && c.state !== CLOSED) return writeInt(value, c.mss)
  if (name === TCP_WINDOW_CLAMP && c !== null) return writeInt(value, c.windowClamp)
  return (endpoint.preferences ?? new TcpPreferences(endpoint.layer.config)).get(name, value)
}

/** 0, or a negated errno. */
export function setTcpOption(endpoint: TcpEndpoint, name: number, value: Uint8Array): number {
  const { connection, layer, listener } = endpoint
  if (name === TCP_QUICKACK && connection !== null) return quickAck(endpoint, connection, value)
  const { fastOpen, signatures } = layer.stack.parts
  if (isSignatureOption(name)) return signatures?.setOption(endpoint, name, value) ?? -ENOPROTOOPT
  if (fastOpen?.sockets.isFastOpenOption(name)) return fastOpen.sockets.setFastOpenOption(endpoint, name, value)
  const inUse = listener !== null || (connection !== null && connection.state !== CLOSED)
  if (name === TCP_WINDOW_CLAMP && inUse && value.length >= 4 && readInt(value) === 0) return -EINVAL
  const preferences = endpoint.preferences ?? new TcpPreferences(layer.config)
  const result = preferences.set(name, value)
  if (result < 0) return result
  endpoint.preferences = preferences
  if (listener !== null) {
    listener.mssLimit = preferences.mssLimit
    listener.windowClamp = preferences.windowClamp
    listener.deferAccept = preferences.deferAccept
  }
  if (connection !== null && connection.state !== CLOSED) {
    layer.time.refresh()
    const { mssLimit } = connection
    preferences.applyTo(connection)
    // tcp(7): what the peer was told stands, and so does what is sent.
    if (connection.opened) connection.mssLimit = mssLimit
    if (name === TCP_WINDOW_CLAMP) clampWindow(connection, preferences.windowClamp)
    updateMss(connection)
    updateKeepAlive(connection)
    // Taking the cork out, or turning Nagle off, lets go what they held, and what MSG_MORE did.
    if ((name === TCP_CORK && !preferences.cork) || (name === TCP_NODELAY && preferences.noDelay))
      connection.more = false
    output(connection)
  }
  return 0
}

/** To a connection it is an order, not a preference: what it does next may undo it (tcp(7)). */
function quickAck(endpoint: TcpEndpoint, c: Connection, value: Uint8Array): number {
  if (value.length < 4) return -EINVAL
  const on = readInt(value) !== 0
  c.interactive = !on
  if (!on || !c.ackPending || (c.state !== ESTABLISHED && c.state !== CLOSE_WAIT)) return 0
  c.ackWishes |= ACK_PUSHED
  endpoint.layer.time.refresh()
  if (readerAcknowledges(c)) sendAck(c)
  // An even number: only now.
  if ((readInt(value) & 1) === 0) c.interactive = true
  return 0
}

/** SO_MAX_PACING_RATE: from the first time that it is set on, the connection is paced. */
function applyPacing({ rare }: TcpEndpoint, c: Connection): void {
  const rate = rare === null ? NO_PACING : rare.maxPacingRate
  if (rate === NO_PACING && c.pacing === null) return
  c.pacing ??= new Pacing()
  c.pacing.limit = rate === NO_PACING ? UNLIMITED : Number(rate)
}

/** An option of SOL_SOCKET or IPPROTO_IP has a new value: the connection and the listener hear of it. */
export function lowerOptionChanged(endpoint: TcpEndpoint, level: number, name: number): void {
  const { connection: c, listener } = endpoint
  if (listener !== null) {
    listener.ttl = endpoint.listenerTtl
    listener.tos = endpoint.listenerTos
    applyListenerOptions(endpoint, listener)
  }
  if (c === null || c.state === CLOSED) return
  endpoint.layer.time.refresh()
  const keptAlive = c.keepAlive
  applyIpOptions(endpoint, c)
  if (level === SOL_SOCKET && (name === SO_SNDBUF || name === SO_SNDBUFFORCE)) {
    c.sendBuffer = endpoint.sendBufferSize
    c.sendLocked = true
    if (c.noSpace) lookForRoom(c)
  }
  if (level === SOL_SOCKET && (name === SO_RCVBUF || name === SO_RCVBUFFORCE)) {
    c.receiveBuffer = endpoint.receiveBufferSize
    c.receiveLocked = true
  }
  c.urgentInline = endpoint.option(OPTION_OOBINLINE)
  c.keepAlive = endpoint.option(OPTION_KEEPALIVE)
  if (c.keepAlive !== keptAlive) updateKeepAlive(c)
  if (level === SOL_SOCKET && name === SO_RCVLOWAT) {
    c.lowWater = endpoint.rare?.receiveLowWater ?? 1
    makeRoomFor(c, c.lowWater)
    endpoint.markReady(POLLIN)
  }
}

/** tcp_set_rcvlowat: a buffer that nobody has set becomes large enough. */
function makeRoomFor(c: Connection, octets: number): void {
  const space = spaceFromWindow(c, octets)
  if (c.receiveLocked || space <= c.receiveBuffer) return
  c.receiveBuffer = space
  if (c.windowClamp < octets) c.windowClamp = octets
}

/** Gives a connection what was set at the level of the IP that it goes by. */
export function applyIpOptions(endpoint: TcpEndpoint, c: Connection): void {
  const v4 = c.remote.isV4
  c.ttl = v4 ? endpoint.ttl : endpoint.hopLimit
  c.tos = v4 ? endpoint.tos : endpoint.trafficClass
  c.minTtl = (v4 ? endpoint.rare?.minTtl : endpoint.rare?.minHopCount) ?? 0
  const discovery = v4 ? endpoint.pathMtuDiscovery : (endpoint.rare?.pathMtuDiscovery6 ?? IP_PMTUDISC_WANT)
  c.dontFragment = !FRAGMENTABLE.has(discovery)
  applyPacing(endpoint, c)
}

/** An accepted socket takes after the listener that it was accepted from. */
export function inheritOptions(child: TcpEndpoint, parent: TcpEndpoint): void {
  child.optionBits = parent.optionBits
  child.shareOptions(parent)
  child.rare = parent.rare === null ? null : Object.assign(child.ensureRare(), parent.rare)
  if (parent.preferences !== null) child.preferences = parent.preferences.copy(child.layer.config)
}

/** Gives a listener what was set about the packets that it takes. */
export function applyListenerOptions({ rare }: TcpEndpoint, listener: Listener): void {
  listener.minTtl = rare?.minTtl ?? 0
  listener.minHopLimit = rare?.minHopCount ?? 0
}

function isSignatureOption(name: number): boolean {
  return name === TCP_MD5SIG || name === TCP_MD5SIG_EXT
}
