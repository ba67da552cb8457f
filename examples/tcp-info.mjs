// What TCP knows of a connection (tcp(7) TCP_INFO), and options that Node has no names for, set before connect: node examples/tcp-info.mjs,
// or with "os" of a connection of the operating system's.

import {
  AF_INET,
  IPPROTO_TCP,
  MSG_PEEK,
  SO_RCVBUF,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  TCP_CONGESTION,
  TCP_INFO,
  TCP_MAXSEG,
} from 'jackfield'
import { client, server, serverAddress } from './network.mjs'

const listener = new Socket(server, AF_INET, SOCK_STREAM)
listener.bind({ address: '', port: 12005 })
listener.listen()

const socket = new Socket(client, AF_INET, SOCK_STREAM)
socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 20_000)
socket.setsockopt(IPPROTO_TCP, TCP_MAXSEG, 1000)
await socket.connect({ address: serverAddress, port: 12005 })
const accepted = await listener.accept()
await accepted.send(new TextEncoder().encode('hello'))

// What is peeked at stays.
const bytes = new Uint8Array(100)
await socket.recv(bytes, MSG_PEEK)
console.log(new TextDecoder().decode(bytes.subarray(0, await socket.recv(bytes))))

const info = socket.getsockopt(IPPROTO_TCP, TCP_INFO)
console.log(`a round trip takes ${info.tcpi_rtt} µs, segments carry ${info.tcpi_snd_mss} octets`)
console.log(`${info.tcpi_bytes_received} octets have come, in ${info.tcpi_segs_in} segments`)
console.log(`congestion control is ${socket.getsockopt(IPPROTO_TCP, TCP_CONGESTION)}`)
for (const one of [socket, accepted, listener]) await one.close()
