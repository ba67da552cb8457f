// A client that tries again, with exponential backoff and jitter, against a network that parts: half a minute of it, simulated.
//
//   node examples/retry.mjs       the world of seed 1
//   node examples/retry.mjs 42    another one

import { Simulation } from 'jackfield/sim'

// What is to be tested. It knows nothing of simulations.

async function retry(task, attempts = 12) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task(AbortSignal.timeout(1000))
    } catch (error) {
      if (attempt === attempts) throw error
      // Full jitter: clients that failed together do not come back together.
      const wait = Math.random() * Math.min(5000, 100 * 2 ** attempt)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

async function order(host, text, say) {
  await retry(async (signal) => {
    const socket = await host.connect('shop', 80, { signal })
    try {
      await socket.send(new TextEncoder().encode(text), 0, { signal })
      const answer = new Uint8Array(100)
      const length = await socket.recv(answer, 0, { signal })
      say(`${text}: ${new TextDecoder().decode(answer.subarray(0, length))}`)
    } catch (error) {
      say(`${text}: ${error.name}`)
      throw error
    } finally {
      await socket.close()
    }
  })
}

async function shop(host, orders) {
  const listener = host.listen(80)
  for (;;) {
    const socket = await listener.accept()
    const bytes = new Uint8Array(100)
    const length = await socket.recv(bytes)
    const text = new TextDecoder().decode(bytes.subarray(0, length))
    const answer = orders.has(text) ? 'known already' : 'taken'
    orders.add(text)
    // The answer takes its time: the network may part meanwhile.
    await host.sleep(200)
    await socket.send(new TextEncoder().encode(answer))
    await socket.close()
  }
}

// The world that it is tested in.

const net = new Simulation({ seed: Number(process.argv[2] ?? 1) })
const lan = net.switch('lan')
const server = net.host('shop')
const clients = ['alice', 'bob', 'carol'].map((name) => net.host(name))
for (const host of [server, ...clients]) net.link(host, lan, { delay: 10, jitter: 5, loss: 0.02 })

// Every two seconds or so the shop is cut off, for as long, until half a minute is over.
for (let at = 0; at < 30_000; at += 2000 + 2000 * net.random()) {
  net.at(at, () => net.partition([server], clients))
  net.at(at + 2000 * net.random(), () => net.heal())
}
net.at(30_000, () => net.heal())

const orders = new Set()
const say = (text) => console.log(`${(net.now() / 1000).toFixed(1).padStart(4)} s  ${text}`)
server.run((host) => shop(host, orders), { daemon: true })
for (const client of clients) client.run((host) => order(host, `order of ${host.name}`, say))

await net.withGlobals(() => net.run())
await net.rest()
console.log(`${orders.size} orders, each once`)
