// The language of the programs: calls of sockets on a few handles. A handle is the place of a socket in the order in which the
// program got it, counted round where there are fewer.

import { flagsText, nameText } from '../../../src/socket/trace/notation.ts'
import { levelText, optionText } from '../../../src/socket/trace/option-text.ts'

/** Where a bind, connect or sendto goes. */
export type Target =
  /** An address as it is written; `port` may be 0. */
  | { readonly kind: 'internet'; readonly address: string; readonly port: number }
  /** The address that this handle has. */
  | { readonly kind: 'local'; readonly of: number }
  /** AF_UNSPEC. */
  | { readonly kind: 'unspecified' }
  /** An abstract name ("\0a"), or none (""). */
  | { readonly kind: 'unix'; readonly path: string }

export type Call =
  | { readonly call: 'socket'; readonly family: number; readonly type: number; readonly protocol: number }
  | { readonly call: 'socketpair'; readonly type: number }
  | { readonly call: 'bind' | 'connect'; readonly on: number; readonly to: Target }
  | { readonly call: 'listen'; readonly on: number; readonly backlog: number }
  | { readonly call: 'accept'; readonly on: number; readonly named: boolean }
  | { readonly call: 'send'; readonly on: number; readonly length: number; readonly flags: number }
  | {
      readonly call: 'sendto'
      readonly on: number
      readonly length: number
      readonly flags: number
      readonly to: Target
    }
  | {
      readonly call: 'sendmsg'
      readonly on: number
      readonly lengths: readonly number[]
      readonly flags: number
      readonly to: Target | null
      /** Passes a datagram socket, which comes out as a new handle. */
      readonly passes: boolean
    }
  | { readonly call: 'recv' | 'recvfrom'; readonly on: number; readonly room: number; readonly flags: number }
  | {
      readonly call: 'recvmsg'
      readonly on: number
      readonly rooms: readonly number[]
      readonly flags: number
      readonly control: number
    }
  | { readonly call: 'shutdown'; readonly on: number; readonly how: number }
  | { readonly call: 'close' | 'dup' | 'getsockname' | 'getpeername'; readonly on: number }
  | { readonly call: 'ioctl'; readonly on: number; readonly request: number }
  | { readonly call: 'getsockopt'; readonly on: number; readonly level: number; readonly name: number }
  | {
      readonly call: 'setsockopt'
      readonly on: number
      readonly level: number
      readonly name: number
      /** An int, or octets. */
      readonly value: number | readonly number[]
    }

/** The handle that a call is on, of `count`. */
export function handleOf(on: number, count: number): number {
  return count === 0 ? -1 : on % count
}

function targetText(target: Target | null, count: number): string {
  if (target === null) return 'NULL'
  if (target.kind === 'unspecified') return 'AF_UNSPEC'
  if (target.kind === 'local') return `name of #${handleOf(target.of, count)}`
  return target.kind === 'unix' ? JSON.stringify(target.path) : `${target.address} ${target.port}`
}

function flags(value: number): string {
  return flagsText('MSG_', value)
}

/** A call as a trace shows it, with handles in place of descriptors; `count`: how many handles there are. */
export function callText(call: Call, count: number): string {
  if (call.call === 'socket') {
    const { family, type, protocol } = call
    return `socket(${nameText('AF_', family)}, ${nameText('SOCK_', type)}, ${protocol})`
  }
  if (call.call === 'socketpair') return `socketpair(AF_UNIX, ${nameText('SOCK_', call.type)}, 0)`
  const on = `${call.call}(#${handleOf(call.on, count)}`
  if (call.call === 'bind' || call.call === 'connect') return `${on}, ${targetText(call.to, count)})`
  if (call.call === 'listen') return `${on}, ${call.backlog})`
  if (call.call === 'accept') return `${on}${call.named ? ', address' : ''})`
  if (call.call === 'send') return `${on}, ${call.length}, ${flags(call.flags)})`
  if (call.call === 'sendto') return `${on}, ${call.length}, ${flags(call.flags)}, ${targetText(call.to, count)})`
  if (call.call === 'sendmsg') {
    const passes = call.passes ? ', SCM_RIGHTS' : ''
    return `${on}, [${call.lengths}]${passes}, ${flags(call.flags)}, ${targetText(call.to, count)})`
  }
  if (call.call === 'recv' || call.call === 'recvfrom') return `${on}, ${call.room}, ${flags(call.flags)})`
  if (call.call === 'recvmsg') return `${on}, [${call.rooms}], control ${call.control}, ${flags(call.flags)})`
  if (call.call === 'shutdown') return `${on}, ${['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'][call.how] ?? call.how})`
  if (call.call === 'ioctl') return `${on}, 0x${call.request.toString(16)})`
  if (call.call === 'getsockopt') return `${on}, ${optionName(call.level, call.name)})`
  if (call.call === 'setsockopt') return `${on}, ${optionName(call.level, call.name)}, ${call.value})`
  return `${on})`
}

function optionName(level: number, name: number): string {
  return `${levelText(level)}, ${optionText(level, name)}`
}
