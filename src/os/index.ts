/** Devices that join a stack to the operating system's network. Linux, in Node. */
export { openTap, openTun, TunTap, TunTapCounters, type TunTapOptions } from './tuntap.ts'
