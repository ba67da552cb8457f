/**
 * Sockets, stacks, devices, and the vocabulary of both: it runs in Node and in browsers.
 *
 * @module
 */

export * from '../../../src/index.ts'
