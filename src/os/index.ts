/** Devices that join a stack to the operating system's network. Linux, in Node. */
export { openTap, openTun, type TunTapOptions } from './open-tuntap.ts'
export { TunTap, TunTapCounters } from './tuntap.ts'
