// Read first: new net.Socket in Node's manual.

import type { BlockList } from 'node:net'
import type { DuplexOptions } from 'node:stream'
import type { StreamHandle } from '../handle/stream-handle.ts'
import { validateInt32, validateNumber } from '../node-argument.ts'
import { invalidArgValue } from '../node-error.ts'
import type { HANDLE } from './net-world.ts'

export interface OnReadOptions {
  readonly buffer: Uint8Array | (() => Uint8Array)
  callback(count: number, buffer: Uint8Array): boolean | undefined
}

export interface SocketOptions extends DuplexOptions {
  fd?: number
  handle?: unknown
  onread?: OnReadOptions | null
  noDelay?: boolean
  keepAlive?: boolean
  keepAliveInitialDelay?: number
  typeOfService?: number
  signal?: AbortSignal
  pauseOnCreate?: boolean
  manualStart?: boolean
  readable?: boolean
  writable?: boolean
  blockList?: BlockList
  timeout?: number
  [HANDLE]?: StreamHandle
}

export interface KeepAliveOptions {
  enable?: boolean
  initialDelay?: number
  interval?: number
  count?: number
}

export function checkOptions(options: SocketOptions): void {
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode'] as const) {
    if (options[name]) throw invalidArgValue(`options.${name}`, options[name], 'is not supported')
  }
  if (options.keepAliveInitialDelay !== undefined) {
    validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay')
    if (options.keepAliveInitialDelay < 0) options.keepAliveInitialDelay = 0
  }
  if (options.typeOfService !== undefined) validateInt32(options.typeOfService, 'options.typeOfService', 0, 255)
}
