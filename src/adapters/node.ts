// Sockets as what Node's own libraries work with.

export { type DuplexOptions, SocketDuplex, toDuplex } from './duplex.ts'
