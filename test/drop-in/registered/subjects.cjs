// What a program does with Node's modules: each subject is handed those that the program has, and tells what happened, as JSON.
'use strict'

const { once } = require('node:events')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const key = readFileSync(join(__dirname, 'key.pem'), 'utf8')
const cert = readFileSync(join(__dirname, 'certificate.pem'), 'utf8')
const ca = cert
const host = '127.0.0.1'

/** Whose a listening port is: the kernel's tables have it, and whether Node itself has a handle for it. */
function whose(port, protocol = 'tcp') {
  const tables = ['', '6'].map((family) => readFileSync(`/proc/self/net/${protocol}${family}`, 'utf8')).join('')
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const handles = process.getActiveResourcesInfo().filter((name) => /^(TCP|UDP)/.test(name))
  return { kernel: new RegExp(`:${hex} [0-9A-F]+:0000 `).test(tables), handles }
}

async function listening(server) {
  server.listen(0, host)
  await once(server, 'listening')
  return server.address().port
}

/** A port at which nobody listens any more. */
async function closedPort(net) {
  const server = net.createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return port
}

/** How an attempt to connect to a closed port ends. */
async function refusal(emitter, port) {
  const [error] = await once(emitter, 'error')
  return [error.message.replace(port, 'PORT'), error.code, error.syscall, error.address, error.port === port]
}

async function text(stream) {
  let all = ''
  for await (const chunk of stream.setEncoding('utf8')) all += chunk
  return all
}

/** The answer to one request, which says what it was. */
async function asked(request) {
  const [response] = await once(request, 'response')
  return [response.statusCode, await text(response)]
}

function answer(request, response) {
  text(request).then((body) => response.end(`${request.method} ${request.url} ${body}`))
}

module.exports = {
  async http({ http, net }) {
    const server = http.createServer(answer)
    const port = await listening(server)
    const found = { whose: whose(port) }
    found.get = await asked(http.get({ host, port, path: '/a' }))
    found.post = await asked(http.request({ host, port, path: '/b', method: 'POST', agent: false }).end('body'))
    const agent = new http.Agent({ keepAlive: true })
    found.kept = []
    for (const path of ['/1', '/2']) {
      const request = http.get({ host, port, path, agent })
      found.kept.push((await asked(request))[1], request.reusedSocket)
    }
    // The agent keeps its connection.
    found.whoseUsed = whose(port)
    server.closeIdleConnections()
    server.close()
    await once(server, 'close')
    const closed = await closedPort(net)
    found.refused = await refusal(http.get({ host, port: closed }), closed)
    return found
  },

  async https({ https, net }) {
    const server = https.createServer({ key, cert }, answer)
    const port = await listening(server)
    const found = { whose: whose(port) }
    const request = https.get({ host, port, path: '/a', ca })
    found.get = await asked(request)
    found.whoseUsed = whose(port)
    const { socket } = request
    found.client = [socket.encrypted, socket.authorized, socket.remoteAddress, socket.remotePort === port]
    const distrusted = https.get({ host, port, ca: [] })
    found.distrusted = (await once(distrusted, 'error'))[0].code
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    const closed = await closedPort(net)
    found.refused = await refusal(https.get({ host, port: closed, ca }), closed)
    return found
  },

  async tls({ tls, net }) {
    const addresses = []
    const server = tls.createServer({ key, cert }, (socket) => {
      addresses.push(socket.remoteAddress, socket.localPort === port, socket.remotePort > 0)
      socket.end(`${socket.getProtocol()} `)
      socket.pipe(socket, { end: false })
    })
    const port = await listening(server)
    const found = { whose: whose(port) }
    const events = []
    const client = tls.connect(port, host, { ca }, () => events.push('listener'))
    client.once('secureConnect', () => (found.whoseUsed = whose(port)))
    for (const name of ['connect', 'ready', 'secureConnect', 'end', 'close']) client.on(name, () => events.push(name))
    found.text = await text(client)
    await once(client, 'close')
    found.events = events
    found.addresses = addresses
    // Both ends end while much is under way: the end of what carries it must wait for what is inside.
    const echo = tls.createServer({ key, cert }, (socket) => socket.pipe(socket))
    const talker = tls.connect(await listening(echo), host, { ca })
    talker.end('x'.repeat(3_000_000))
    found.echoed = (await text(talker)).length
    echo.close()
    await once(echo, 'close')
    // Over a connection that is there already, as STARTTLS has it, on both sides.
    const plain = net.createServer((socket) => {
      socket.once('data', () => {
        socket.write('go')
        new tls.TLSSocket(socket, { isServer: true, key, cert }).end('upgraded')
      })
    })
    const plainPort = await listening(plain)
    const socket = net.connect(plainPort, host)
    await once(socket, 'connect')
    socket.write('starttls')
    await once(socket, 'data')
    found.upgraded = await text(tls.connect({ socket, ca, servername: 'localhost' }))
    plain.close()
    server.close()
    await Promise.all([once(plain, 'close'), once(server, 'close')])
    const closed = await closedPort(net)
    found.refused = await refusal(tls.connect({ port: closed, host }), closed)
    try {
      tls.connect({ port: 65536, host })
    } catch (wrong) {
      found.wrong = wrong.code
    }
    return found
  },

  async http2({ http2 }) {
    const found = {}
    for (const secure of [false, true]) {
      const server = secure ? http2.createSecureServer({ key, cert }) : http2.createServer()
      server.on('stream', (stream, headers) => {
        stream.respond({ ':status': 200 })
        stream.end(`h2 ${headers[':path']}`)
      })
      const port = await listening(server)
      found[secure ? 'whoseSecure' : 'whose'] = whose(port)
      const session = http2.connect(`http${secure ? 's' : ''}://${host}:${port}`, { ca })
      const texts = ['/a', '/b'].map((path) => text(session.request({ ':path': path })))
      found[secure ? 'secure' : 'plain'] = await Promise.all(texts)
      found[secure ? 'whoseSecureUsed' : 'whoseUsed'] = whose(port)
      session.close()
      await once(session, 'close')
      server.close()
      await once(server, 'close')
    }
    return found
  },

  async fetch({ http, https, net }) {
    const server = http.createServer(answer)
    const port = await listening(server)
    const found = { whose: whose(port) }
    const got = await fetch(`http://${host}:${port}/a`)
    found.get = [got.status, await got.text()]
    const posted = await fetch(`http://${host}:${port}/b`, { method: 'POST', body: 'x'.repeat(300_000) })
    found.post = (await posted.text()).length
    found.whoseUsed = whose(port)
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    const closed = await closedPort(net)
    found.refused = await fetch(`http://${host}:${closed}/`).catch((error) => error.cause.code)
    const secure = https.createServer({ key, cert }, answer)
    const securePort = await listening(secure)
    found.secure = await (await fetch(`https://${host}:${securePort}/s`)).text()
    secure.closeAllConnections()
    secure.close()
    return found
  },

  async net({ net }) {
    const server = net.createServer((socket) => socket.pipe(socket))
    const port = await listening(server)
    const found = { whose: whose(port) }
    const socket = net.connect({ port, host })
    await once(socket, 'connect')
    found.whoseUsed = whose(port)
    socket.end('echo')
    found.echo = await text(socket)
    found.classes = [
      socket instanceof net.Socket,
      server instanceof net.Server,
      socket.constructor === net.Socket,
      net.Stream === net.Socket,
      new (class Mine extends net.Socket {})() instanceof net.Socket,
      {} instanceof net.Socket,
    ]
    server.close()
    await once(server, 'close')
    return found
  },

  async dgram({ dgram }) {
    const server = dgram.createSocket('udp4', (message, { port, address }) => server.send(`${message}!`, port, address))
    server.bind(0, host)
    await once(server, 'listening')
    const { port } = server.address()
    const found = { whose: whose(port, 'udp') }
    const client = dgram.createSocket('udp4')
    client.connect(port, host)
    await once(client, 'connect')
    client.send('ping')
    const [message, from] = await once(client, 'message')
    found.answer = [message.toString(), from.address, from.port === port]
    found.classes = [client instanceof dgram.Socket, client.constructor === dgram.Socket]
    client.close()
    server.close()
    return found
  },

  // What Node makes of its own handles stays so: standard streams, pipes of children.
  async pipes({ net, child }) {
    const { status, stdout } = child.spawnSync(process.execPath, ['-p', '1 + 1'], { encoding: 'utf8' })
    const running = child.spawn('cat')
    running.stdin.end('through a pipe')
    const piped = await text(running.stdout)
    const input = await text(process.stdin)
    return {
      status,
      stdout: stdout.trim(),
      piped,
      input,
      sockets: [running.stdout instanceof net.Socket, process.stdout instanceof net.Socket],
    }
  },
}
