/** The operating system's own sockets, and devices that join a stack to its network. Linux, in Node. */
export { type CaptureFile, type CaptureFileOptions, captureToDescriptor, captureToFile } from './capture-file.ts'
export { openTap, openTun, type TunTapOptions } from './open-tuntap.ts'
export { OperatingSystem, type OperatingSystemOptions, os } from './operating-system.ts'
export { TunTap, TunTapCounters } from './tuntap.ts'
