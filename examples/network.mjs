// The network that the examples run on: two hosts in this process and a cable. Give the command an impairment to make the
// cable a bad one: node examples/upper-tcp.mjs loss=20%,delay=10ms

import { Cable, Impair, parseImpairment, Stack } from 'jackfield'

export const client = new Stack()
export const server = new Stack()
export const serverAddress = '10.0.0.2'
export const serverAddress6 = '2001:db8::2'

const cable = new Cable({ delay: 1 })
const bad = new Impair(cable.left, parseImpairment(process.argv[2] ?? 'loss=0%'))
// Nobody else is on the cable who could have the addresses: there is no need to ask.
const sure = { duplicateAddressDetection: false }
client.attach(bad, { address: ['10.0.0.1/24', '2001:db8::1/64'], ...sure })
server.attach(cable.right, { address: [`${serverAddress}/24`, `${serverAddress6}/64`], ...sure })

/** Prints what a program says. */
export function voice(name) {
  return (text) => console.log(`${name}: ${text}`)
}
