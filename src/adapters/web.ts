// Sockets as what browsers, Node, Deno and Bun have in common.

export { toWebStreams, type WebStreamOptions, type WebStreams } from './web-streams.ts'
