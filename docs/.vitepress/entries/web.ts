/**
 * Sockets of the web, of Deno, `fetch` and `serve`, on any provider: in Node and in browsers.
 *
 * @module
 */

export * from '../../../src/adapters/web.ts'
