/** The operating system's own sockets, and devices that join a stack to its network. Linux, in Node. */

// What netstat(8) tells of them; and the same of a program's stack, for others to see
export type { NetstatEntry, NetstatHolder, NetstatMemory, NetstatSystem } from '../base/netstat-entry.ts'
export { type ShownSockets, type ShowSocketsOptions, showSockets } from '../platform/show-sockets.ts'
export { type CaptureFile, type CaptureFileOptions, captureToDescriptor, captureToFile } from './capture-file.ts'
export { openTap, openTun, type TunTapOptions } from './open-tuntap.ts'
export { OperatingSystem, type OperatingSystemOptions, os } from './operating-system.ts'
export { osCounters } from './os-counters.ts'
export { type OsNetstatOptions, type OsSocketKind, osNetstat } from './os-netstat.ts'
export { osInterfaces, osNeighbours, osRoutes } from './os-tables.ts'
export { type PassedDescriptor, sdListenFds, sdNotify } from './service-manager.ts'
export { TunTap, TunTapCounters } from './tuntap.ts'
