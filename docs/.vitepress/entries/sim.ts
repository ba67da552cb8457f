/**
 * Networks of many hosts, simulated: one clock, one seed.
 *
 * @module
 */

export * from '../../../src/sim/index.ts'
