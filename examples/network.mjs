// The network that the examples run on: two hosts in this process and a cable. Give the command an impairment to make the
// cable a bad one: node examples/upper-tcp.mjs loss=20%,delay=10ms

import { Cable, Impair, parseImpairment, Stack } from 'jackfield'

export const client = new Stack()
export const server = new Stack()
export const serverAddress = '10.0.0.2'

const cable = new Cable({ delay: 1 })
client.attach(new Impair(cable.left, parseImpairment(process.argv[2] ?? 'loss=0%')), { address: '10.0.0.1/24' })
server.attach(cable.right, { address: `${serverAddress}/24` })

/** Prints what a program says. */
export function voice(name) {
  return (text) => console.log(`${name}: ${text}`)
}
