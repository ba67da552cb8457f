// Sockets as what Node's own libraries work with.

export { toByteStream } from './byte-stream.ts'
export { type DgramModule, dgramFor } from './dgram/dgram-for.ts'
export { type DuplexOptions, SocketDuplex, toDuplex } from './duplex.ts'
export { type NetModule, netFor } from './net/net-for.ts'
export { nodeTls } from './node-tls.ts'
export { type SendFileOptions, sendFile } from './send-file.ts'
export { machineNames, systemNames } from './system-names.ts'
