/** Devices that join a stack to the operating system's network. Linux, in Node. */
export { type CaptureFile, type CaptureFileOptions, captureToDescriptor, captureToFile } from './capture-file.ts'
export { openTap, openTun, type TunTapOptions } from './open-tuntap.ts'
export { TunTap, TunTapCounters } from './tuntap.ts'
