/**
 * Node's streams and modules on any provider.
 *
 * @module
 */

export * from '../../../src/adapters/node.ts'
