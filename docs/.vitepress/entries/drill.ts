/**
 * Packet scripts in the language of packetdrill.
 *
 * @module
 */

export * from '../../../src/drill/index.ts'
