/**
 * The operating system's own sockets, TAP and TUN, capture files. Linux.
 *
 * @module
 */

export * from '../../../src/os/index.ts'
