/**
 * Names: a resolver, a server of zones, multicast DNS, getaddrinfo.
 *
 * @module
 */

export * from '../../../src/services/names/index.ts'
