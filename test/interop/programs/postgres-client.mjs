// Read first: PostgreSQL's documentation, chapter "Frontend/Backend Protocol", version 3.0. As little of it as a query needs, over a
// socket of `connect`: it runs wherever there are web streams.

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const SSL_REQUEST = 80877103
const VERSION = 196608
const AUTHENTICATED = 0
const CLEARTEXT = 3

/** The rows of a simple query, as text. `tls`: it asks the server for TLS first. */
export async function query(connect, { address, user, password, database, tls = null }, sql) {
  let socket = connect(address, tls === null ? {} : { secureTransport: 'starttls', ...tls })
  if (tls !== null) {
    const writer = socket.writable.getWriter()
    await writer.write(words(8, SSL_REQUEST))
    const { value } = await socket.readable.getReader().read()
    if (decoder.decode(value) !== 'S') throw new Error('the server does not speak TLS')
    socket = socket.startTls()
  }
  const { alpn, ...ends } = await socket.opened
  const session = new Session(socket)
  const rows = await session.run(user, password, database, sql)
  await session.send('X', new Uint8Array(0))
  await socket.closed
  return { rows, ends }
}

class Session {
  #reader
  #writer
  #rest = new Uint8Array(0)

  constructor(socket) {
    this.#reader = socket.readable.getReader()
    this.#writer = socket.writable.getWriter()
  }

  async run(user, password, database, sql) {
    const parameters = encoder.encode(`user\0${user}\0database\0${database}\0\0`)
    await this.#writer.write(joined(words(8 + parameters.length, VERSION), parameters))
    const rows = []
    let asked = false
    for (;;) {
      const [type, body] = await this.#message()
      const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
      if (type === 'E') throw new Error(decoder.decode(body).split('\0').join(' '))
      if (type === 'R' && view.getUint32(0) === CLEARTEXT) await this.send('p', encoder.encode(`${password}\0`))
      else if (type === 'R' && view.getUint32(0) !== AUTHENTICATED) throw new Error('another way to authenticate')
      else if (type === 'D') rows.push(fields(view, body))
      else if (type === 'Z') {
        if (asked) {
          // The server says good bye by closing: somebody must hear it.
          this.#reader.read()
          return rows
        }
        asked = true
        await this.send('Q', encoder.encode(`${sql}\0`))
      }
    }
  }

  send(type, body) {
    return this.#writer.write(joined(encoder.encode(type), words(4 + body.length), body))
  }

  async #message() {
    const head = await this.#take(5)
    const length = new DataView(head.buffer, head.byteOffset).getUint32(1)
    return [String.fromCharCode(head[0]), await this.#take(length - 4)]
  }

  async #take(count) {
    while (this.#rest.length < count) {
      const { done, value } = await this.#reader.read()
      if (done) throw new Error('the server has closed the connection')
      this.#rest = joined(this.#rest, value)
    }
    const taken = this.#rest.slice(0, count)
    this.#rest = this.#rest.subarray(count)
    return taken
  }
}

function fields(view, body) {
  const found = []
  let at = 2
  for (let i = 0; i < view.getUint16(0); i++) {
    const length = view.getInt32(at)
    at += 4
    found.push(length < 0 ? null : decoder.decode(body.subarray(at, at + length)))
    at += Math.max(length, 0)
  }
  return found
}

function words(...values) {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value)
  return bytes
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
