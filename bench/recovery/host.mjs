// A process in a network namespace with both providers: the namespace's kernel, and a stack on a TAP. It does what it is told by
// messages of its parent: receives streams and counts them, or sends one.

import { fromDist } from '../harness/dist.mjs'

const { AF_INET, IPPROTO_TCP, SOCK_STREAM, Socket, Stack, TCP_CONGESTION } = await fromDist('index.js')
const { OperatingSystem, openTap } = await fromDist('os/index.js')

const providers = { kernel: new OperatingSystem() }
const block = new Uint8Array(256 * 1024).fill(74)
let count = 0

function socketOf(system, control) {
  const socket = new Socket(providers[system], AF_INET, SOCK_STREAM)
  if (control !== null) socket.setsockopt(IPPROTO_TCP, TCP_CONGESTION, control)
  return socket
}

const orders = {
  start({ tap, address, offloads, profile }) {
    const stack = new Stack({ profile })
    // The kernel sends packet by packet here, so the stack does.
    stack.attach(openTap(tap, { offloads }), { address })
    providers.jackfield = stack
  },

  /** One stream is taken and counted for so many seconds after its first octet. Answers at once with the port, then the octets. */
  async receive({ system, port, seconds }) {
    const listener = socketOf(system, null)
    listener.bind({ address: '0.0.0.0', port })
    listener.listen()
    process.send({ listening: port })
    const socket = await listener.accept()
    listener.close()
    const began = performance.now()
    let octets = 0
    let late = false
    const timer = setTimeout(() => {
      late = true
      socket.close()
    }, seconds * 1000)
    try {
      while (!late) {
        const length = await socket.recv(block)
        if (length === 0 || late) break
        octets += length
      }
    } catch {
      // Closed by the timer, or by a sender that gave up: what came is what counts.
    }
    clearTimeout(timer)
    socket.close()
    process.send({ received: port, octets, seconds: (performance.now() - began) / 1000 })
  },

  /** Sends until the receiver has had enough. */
  async send({ system, address, port, control }) {
    const socket = socketOf(system, control)
    const id = ++count
    try {
      await socket.connect({ address, port })
      for (;;) await socket.send(block)
    } catch (error) {
      if (!/ECONNRESET|EPIPE/.test(error.code)) process.send({ failed: id, error: String(error) })
    }
    const info = socket.getsockopt(IPPROTO_TCP, 11)
    process.send({ sent: port, info: { retransmits: info.tcpi_total_retrans, rtt: info.tcpi_rtt } })
    socket.close()
  },
}

process.on('message', ({ order, ...rest }) => {
  Promise.resolve(orders[order](rest)).then(
    () => order === 'start' && process.send({ ready: true }),
    (error) => process.send({ failed: order, error: String(error.stack ?? error) }),
  )
})
process.on('disconnect', () => process.exit())
