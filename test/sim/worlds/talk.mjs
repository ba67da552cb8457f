// What hosts of a world say to each other, each octet of it known to both ends: a client names a key and two lengths, sends as
// many octets, and gets as many. What arrives is compared octet for octet, the end of the stream included.

import {
  IPPROTO_TCP,
  MSG_OOB,
  SeededRandom,
  SHUT_WR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  SocketError,
  TCP_CONGESTION,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from 'jackfield'

const HEADER = 16
/** A prime: what is off by a window, a segment or a power of two shows. */
const PERIOD = 65_521
const pattern = new Uint8Array(2 * PERIOD)
{
  const random = new SeededRandom(4711)
  for (let i = 0; i < PERIOD; i++) pattern[i] = random.int32()
  pattern.copyWithin(PERIOD, 0, PERIOD)
}

/** How a connection may end where hosts crash and networks part. */
const TROUBLE = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAGAIN'])

/** Milliseconds: troubles are over after 60,000, and no time-out that was doubled meanwhile is longer than that. */
const LATE = 200_000

/** Something has arrived that was not sent, or not all that was. */
export class WrongOctets extends Error {}

function octets(key, from, length) {
  const start = (key * 7919 + from) % PERIOD
  return pattern.subarray(start, start + Math.min(length, PERIOD))
}

function settle(socket, chance) {
  socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
  socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 20)
  socket.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 5)
  socket.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 4)
  socket.setsockopt(SOL_SOCKET, SO_OOBINLINE, 1)
  if (chance.oneIn(2)) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
  if (chance.oneIn(4)) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, chance.pick(2304, 5000, 20_000))
  if (chance.oneIn(4)) socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, chance.pick('reno', 'cubic'))
  if (chance.oneIn(4)) socket.setsockopt(SOL_SOCKET, SO_SNDBUF, chance.pick(4608, 10_000, 40_000))
}

async function sendAll(host, socket, key, length, chance, urgent) {
  for (let at = 0; at < length; ) {
    const piece = octets(key, at, Math.min(length - at, chance.pick(1, 100, 1460, 5000, 65_000)))
    const flags = urgent && chance.oneIn(8) ? MSG_OOB : 0
    const sent = await socket.send(piece, flags)
    if (sent <= 0 || sent > piece.length) throw new WrongOctets(`send of ${piece.length} octets gave ${sent}`)
    at += sent
    if (chance.oneIn(20)) await host.sleep(chance.pick(1, 50, 700))
  }
}

/** Receives `length` octets of `key`; with `last`, the end of the stream behind them. */
async function receiveAll(host, socket, key, length, chance, last) {
  const bytes = new Uint8Array(chance.pick(100, 3000, 65_000))
  let at = 0
  while (at < length || last) {
    const room = last ? bytes : bytes.subarray(0, Math.min(bytes.length, length - at))
    const count = await socket.recv(room)
    if (count === 0) {
      if (at === length && last) return
      throw new WrongOctets(`the stream of key ${key} ended after ${at} of ${length} octets, and no error was reported`)
    }
    if (at + count > length) throw new WrongOctets(`key ${key} had ${length} octets, and ${at + count} arrived`)
    for (let i = 0; i < count; ) {
      const known = octets(key, at + i, count - i)
      for (let j = 0; j < known.length; j++) {
        if (bytes[i + j] !== known[j]) throw new WrongOctets(`octet ${at + i + j} of key ${key} is wrong`)
      }
      i += known.length
    }
    at += count
    if (chance.oneIn(30)) await host.sleep(chance.pick(1, 20, 400))
  }
}

/** Whether `error` is one that a connection may end with; others are thrown. */
function tolerate(host, world, error, allowed = TROUBLE) {
  // All paths have worked for minutes: what fails now has hung although its path works.
  const late = !world.calm && host.now() > LATE && error.code !== 'EAGAIN'
  if (error instanceof SocketError && allowed.has(error.code) && !late) {
    world.errors[error.code] = (world.errors[error.code] ?? 0) + 1
    return
  }
  throw error
}

/** A server of octets, for as long as it is let. */
export async function serve(host, world, chance, family) {
  const listener = host.listen(80, 64, family)
  world.listeners.add(listener)
  for (;;) {
    let socket
    try {
      socket = await listener.accept()
    } catch (error) {
      if (error.code === 'EBADF') return
      if (error.code === 'ECONNABORTED') continue
      throw error
    }
    const task = { host: host.name }
    world.serving.add(task)
    answer(host, world, socket, chance)
      .catch((error) => world.fail(error))
      .finally(() => world.serving.delete(task))
  }
}

async function answer(host, world, socket, chance) {
  settle(socket, chance)
  try {
    const header = new Uint8Array(HEADER)
    for (let at = 0; at < HEADER; ) {
      const count = await socket.recv(header.subarray(at))
      if (count === 0) return
      at += count
    }
    const view = new DataView(header.buffer)
    const key = view.getInt32(0)
    const up = view.getInt32(4)
    const down = view.getInt32(8)
    const turns = view.getInt16(12)
    const half = view.getInt16(14) === 1
    for (let i = 0; i < turns; i++) {
      await receiveAll(host, socket, key + i, up, chance, false)
      await sendAll(host, socket, key + i + 1, down, chance, false)
    }
    if (half) await receiveAll(host, socket, key + turns, up, chance, true)
    if (half) await sendAll(host, socket, key + turns + 1, down, chance, false)
  } catch (error) {
    // A client that breaks off resets the connection: here that is no matter of the network.
    tolerate(host, world, error)
  } finally {
    await socket.close()
  }
}

/** One connection of a client. `kind`: 'bulk', 'turns', 'short', 'half', 'abort'. */
export async function talk(host, world, server, chance, family, kind) {
  const key = chance.below(1_000_000)
  const turns = kind === 'turns' ? chance.between(2, 20) : kind === 'half' ? 0 : 1
  const most = kind === 'bulk' || kind === 'half' ? world.bulk : kind === 'abort' ? 50_000 : 1500
  const up = chance.below(most)
  const down = chance.below(most)
  let socket
  try {
    socket = await host.connect(server, 80, { family })
  } catch (error) {
    tolerate(host, world, error, world.calm ? new Set(['EHOSTUNREACH']) : TROUBLE)
    return
  }
  try {
    settle(socket, chance)
    const header = new Uint8Array(HEADER)
    const view = new DataView(header.buffer)
    view.setInt32(0, key)
    view.setInt32(4, up)
    view.setInt32(8, down)
    view.setInt16(12, turns)
    view.setInt16(14, kind === 'half' ? 1 : 0)
    await socket.send(header)
    if (kind === 'abort') {
      await sendAll(host, socket, key, chance.below(up + 1), chance, false)
      await host.sleep(chance.pick(0, 1, 100))
      socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
      return
    }
    const urgent = chance.oneIn(6)
    for (let i = 0; i < turns; i++) {
      await sendAll(host, socket, key + i, up, chance, urgent)
      await receiveAll(host, socket, key + i + 1, down, chance, false)
    }
    if (kind === 'half') {
      // Both at once: the server answers when all is there, but who waits to hear of its end may be sending still.
      await sendAll(host, socket, key, up, chance, urgent)
      socket.shutdown(SHUT_WR)
      await receiveAll(host, socket, key + 1, down, chance, true)
    }
    world.done++
  } catch (error) {
    tolerate(host, world, error, world.calm ? new Set() : TROUBLE)
  } finally {
    await socket.close()
  }
}

/** Both ends connect to each other at once (RFC 9293 figure 7), say what they have to say, and hear all of it. */
export async function meet(host, world, peer, chance, family, { port, at, length, key, first }) {
  const socket = host.socket(family)
  try {
    socket.bind({ address: '', port })
    await host.sleep(Math.max(0, at - host.now()))
    await socket.connect({ address: host.lookup(peer, family), port })
  } catch (error) {
    void socket.close()
    // The other was not there yet, or is there no more.
    tolerate(host, world, error, world.calm ? new Set(['EHOSTUNREACH', 'ECONNREFUSED', 'ETIMEDOUT']) : TROUBLE)
    return
  }
  try {
    settle(socket, chance)
    const sending = sendAll(host, socket, key + (first ? 0 : 1), length, chance, false).then(() =>
      socket.shutdown(SHUT_WR),
    )
    const receiving = receiveAll(host, socket, key + (first ? 1 : 0), length, chance, true)
    // A connection's error is told once: to whichever call is the first to hear of it. The other hears the end of the stream.
    for (const end of await Promise.allSettled([sending, receiving])) if (end.status === 'rejected') throw end.reason
    world.done++
  } catch (error) {
    tolerate(host, world, error, TROUBLE)
  } finally {
    await socket.close()
  }
}

/** Datagrams to a server of them and back: each is whole and as it was sent, or lost. */
export async function datagrams(host, world, server, chance, family) {
  const socket = host.datagrams(0, family)
  const address = host.lookup(server, family)
  const bytes = new Uint8Array(65_536)
  for (let i = chance.between(1, 20); i > 0; i--) {
    const key = chance.below(1_000_000)
    const length = world.whole ? chance.pick(0, 1, 500, 1200) : chance.pick(0, 1, 500, 1472, 1473, 4000, 9000)
    const packet = new Uint8Array(4 + length)
    new DataView(packet.buffer).setInt32(0, key)
    packet.set(octets(key, 0, length), 4)
    try {
      await socket.sendto(packet, { address, port: 7 })
      for (;;) {
        const { length: count } = await socket.recvfrom(bytes, 0, { timeout: 300 })
        checkDatagram(bytes, count)
        if (new DataView(bytes.buffer).getInt32(0) === key) break
      }
      world.done++
    } catch (error) {
      tolerate(host, world, error, new Set([...TROUBLE, 'ENOBUFS']))
    }
  }
  await socket.close()
}

function checkDatagram(bytes, count) {
  if (count < 4) throw new WrongOctets(`a datagram of ${count} octets arrived, and none such was sent`)
  const key = new DataView(bytes.buffer).getInt32(0)
  const known = octets(key, 0, count - 4)
  for (let i = 0; i < known.length; i++) {
    if (bytes[4 + i] !== known[i]) throw new WrongOctets(`octet ${i} of datagram ${key} is wrong`)
  }
}

export async function echo(host, world, family) {
  const socket = host.datagrams(7, family)
  world.listeners.add(socket)
  const bytes = new Uint8Array(65_536)
  for (;;) {
    try {
      const { length, address } = await socket.recvfrom(bytes)
      checkDatagram(bytes, length)
      await socket.sendto(bytes.subarray(0, length), address)
    } catch (error) {
      if (error.code === 'EBADF') return
      tolerate(host, world, error, new Set([...TROUBLE, 'ENOBUFS']))
    }
  }
}
