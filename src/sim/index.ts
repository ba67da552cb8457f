// The public entry of the simulator: networks of stacks on one clock and one seed, in Node and in browsers.

export type { CaptureOutput, FrameLog } from './capture-file.ts'
export type { Host, HostOptions, HostProgram, HostSocketOptions, ProgramOptions } from './host.ts'
export { SimulationViolation } from './invariants.ts'
export type { Link } from './link.ts'
export type { LinkConditions, LinkOptions } from './link-conditions.ts'
export type { LinkPort } from './link-port.ts'
export { HostCrashed } from './program.ts'
export { type SimulateOptions, simulate } from './simulate.ts'
export { type RunOptions, Simulation, type SimulationOptions } from './simulation.ts'
export { SimulationStalled, type WaitingCall, type WaitingProgram } from './stalled.ts'
export type { SwitchNode } from './switch-node.ts'
export type { VirtualGlobals, VirtualTimer } from './virtual-time.ts'
