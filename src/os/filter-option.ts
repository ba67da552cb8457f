// Read first: socket(7) on SO_ATTACH_FILTER, linux/filter.h. Options whose values hold addresses of memory. A caller has no addresses: the
// value of a filter is its instructions, and here they get the struct that points to them.

import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SOL_SOCKET,
  TCP_ZEROCOPY_RECEIVE,
} from '../base/constants.ts'
import { PACKET_FANOUT_DATA, SOL_PACKET } from '../base/constants-link.ts'
import type { SocketCalls } from './socket-calls.ts'

/** Octets of a struct sock_filter. */
export const INSTRUCTION_LENGTH = 8
const INSTRUCTIONS_MAX = 4096

/** struct sock_fprog: how many instructions, and where they lie. */
const program = new Uint8Array(new ArrayBuffer(16))
const programView = new DataView(program.buffer)

/** Whether `length` octets are the instructions of a filter that is to be set. */
export function isFilter(level: number, name: number, length: number): boolean {
  const takes =
    (level === SOL_SOCKET && (name === SO_ATTACH_FILTER || name === SO_ATTACH_REUSEPORT_CBPF)) ||
    // With four octets it is the descriptor of an eBPF program.
    (level === SOL_PACKET && name === PACKET_FANOUT_DATA)
  const count = length / INSTRUCTION_LENGTH
  return takes && Number.isInteger(count) && count > 0 && count <= INSTRUCTIONS_MAX
}

/** The struct for setsockopt(2), good until the next: the kernel copies what it points to. */
export function filterProgram(calls: SocketCalls, instructions: Uint8Array, length: number): Uint8Array {
  programView.setUint16(0, length / INSTRUCTION_LENGTH, true)
  programView.setBigUint64(8, calls.address(instructions), true)
  return program
}

/** The tables of iptables, arptables and ebtables, and of ip6tables, are set with a pointer to counters among the octets. */
const TABLES: readonly number[] = [64, 65, 96, 97, 128, 129]
const TABLES6: readonly number[] = [64, 65]

/** Of AF_XDP: the value says where in memory frames shall be written. */
const SOL_XDP = 283

/** Whether the kernel would write to addresses that the value itself holds: then no value is safe. */
export function writesElsewhere(level: number, name: number): boolean {
  if (level === IPPROTO_IP) return TABLES.includes(name)
  if (level === IPPROTO_IPV6) return TABLES6.includes(name)
  return (level === IPPROTO_TCP && name === TCP_ZEROCOPY_RECEIVE) || level === SOL_XDP
}
