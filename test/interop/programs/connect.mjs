// connect.mjs SYNS ADDRESS:PORT...: connects to each, all at once, and prints what came of it as JSON: how many octets an
// echo gave back, or the error. SYNS: how often a SYN is sent again.
import { AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, Socket, TCP_SYNCNT } from '../../../dist/index.js'
import { joined } from './joined.mjs'

const stack = joined()

async function attempt(target) {
  const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(target)
  const socket = new Socket(stack, address.includes(':') ? AF_INET6 : AF_INET, SOCK_STREAM)
  socket.setsockopt(IPPROTO_TCP, TCP_SYNCNT, Number(process.argv[2]))
  try {
    await socket.connect({ address, port: Number(port) })
    const { address: peer, port: peerPort } = socket.getpeername()
    const { address: own } = socket.getsockname()
    await socket.send(new TextEncoder().encode('hello'))
    const length = await socket.recv(new Uint8Array(100))
    return { length, own, peer: `${peer}:${peerPort}` }
  } catch (error) {
    const { code, syscall, errno, address, port, message } = error
    return { code, syscall, errno, address, port, message }
  } finally {
    await socket.close()
  }
}

process.stdout.write(`${JSON.stringify(await Promise.all(process.argv.slice(3).map(attempt)))}\n`)
stack.close()
