// Asks a name server from a stack of its own. Arguments: "ADDRESS/PREFIX[,…]" of the stack, then a list of calls as JSON: each
// is [method, ...arguments], over the servers that ["servers", …] has named last. Prints what they gave, as JSON.
import { AF_INET, AF_INET6, SocketAddress, Stack, secureRandom } from '../../../dist/index.js'
import { openTap } from '../../../dist/os/index.js'
import { Names } from '../../../dist/services/names/index.js'

const [addresses, text] = process.argv.slice(2)
const stack = new Stack()
const networkInterface = stack.attach(openTap('jf0'), {
  address: addresses.split(','),
  duplicateAddressDetection: false,
})
await networkInterface.settled()

let names = new Names(stack)
const show = ({ family, address, canonicalName }) => ({
  family: family === AF_INET ? 4 : family === AF_INET6 ? 6 : family,
  address: address.address,
  port: address.port,
  ...(canonicalName === undefined ? {} : { canonicalName }),
})

const calls = {
  servers(servers, options = {}) {
    names = new Names(stack, { servers, random: secureRandom, mixedCase: true, timeout: 20_000, ...options })
  },
  async getaddrinfo(node, service, hints) {
    return (await names.getaddrinfo(node, service, hints)).map(show)
  },
  getnameinfo: (address, port, flags) => names.getnameinfo(SocketAddress.internet(address, port), flags),
  async query(name, type) {
    const { records, chain, rcode } = await names.resolver.query(name, type)
    return { rcode, records: records.map(({ data }) => String(data)), chain: chain.map(({ data }) => data) }
  },
  async exchange(name, type, transport) {
    const answer = await names.resolver.exchange({ name, type, class: 1 }, { transport })
    return { records: answer.message.answers.length, transport: answer.transport }
  },
  async connect(host, service) {
    const socket = await names.connect(host, service)
    const room = new Uint8Array(64)
    const length = await socket.recv(room)
    const peer = String(socket.getpeername())
    await socket.close()
    return { peer, said: new TextDecoder().decode(room.subarray(0, length)) }
  },
  counters: () => names.resolver.counters,
}

const results = []
for (const [method, ...args] of JSON.parse(text)) {
  try {
    results.push((await calls[method](...args)) ?? null)
  } catch (error) {
    results.push({ code: error.code, message: error.message })
  }
}
process.stdout.write(JSON.stringify(results), () => {
  stack.close()
  process.exit()
})
