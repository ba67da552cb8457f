/**
 * Both sides of DHCP.
 *
 * @module
 */

export * from '../../../src/services/dhcp/index.ts'
