// The network that the examples run on: two hosts in this process and a cable. Give the command an impairment to make the
// cable a bad one, or "os" for the operating system's own sockets and its loopback:
//
//   node examples/upper-tcp.mjs loss=20%,delay=10ms
//   node examples/upper-tcp.mjs os

import { Cable, Impair, parseImpairment, Stack } from 'jackfield'
import { os } from 'jackfield/os'

const [where = 'loss=0%'] = process.argv.slice(2)

/** Whether the sockets are the operating system's. */
export const onOs = where === 'os'
export const client = onOs ? os : new Stack()
export const server = onOs ? os : new Stack()
export const serverAddress = onOs ? '127.0.0.1' : '10.0.0.2'
export const serverAddress6 = onOs ? '::1' : '2001:db8::2'

if (!onOs) {
  const cable = new Cable({ delay: 1 })
  const bad = new Impair(cable.left, parseImpairment(where))
  // Nobody else is on the cable who could have the addresses: there is no need to ask.
  const sure = { duplicateAddressDetection: false }
  client.attach(bad, { address: ['10.0.0.1/24', '2001:db8::1/64'], ...sure })
  server.attach(cable.right, { address: [`${serverAddress}/24`, `${serverAddress6}/64`], ...sure })
}

/** Prints what a program says. */
export function voice(name) {
  return (text) => console.log(`${name}: ${text}`)
}
