// Read first: socket.addMembership and its like in Node's manual, ip(7), ipv6(7), RFC 3678. Groups are of the family of their address,
// and joining binds a socket that is not bound yet.

import {
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_ADD_SOURCE_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_DROP_SOURCE_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_MULTICAST_IF,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
} from '../../base/constants.ts'
import { EINVAL } from '../../base/errno.ts'
import { encodeGroupRequest, type GroupRequest, type GroupStruct } from '../../base/group-request.ts'
import type { DatagramHandle } from '../handle/datagram-handle.ts'
import { validateString } from '../node-argument.ts'
import { errnoException, missingArgs } from '../node-error.ts'
import { type DatagramSocket, running } from './state.ts'

export function addMembership(this: DatagramSocket, group?: unknown, interfaceAddress?: unknown): void {
  change(running(this), 'addMembership', group, interfaceAddress)
}

export function dropMembership(this: DatagramSocket, group?: unknown, interfaceAddress?: unknown): void {
  change(running(this), 'dropMembership', group, interfaceAddress)
}

export function addSourceSpecificMembership(
  this: DatagramSocket,
  source: unknown,
  group: unknown,
  interfaceAddress?: unknown,
): void {
  changeSource(running(this), 'addSourceSpecificMembership', source, group, interfaceAddress)
}

export function dropSourceSpecificMembership(
  this: DatagramSocket,
  source: unknown,
  group: unknown,
  interfaceAddress?: unknown,
): void {
  changeSource(running(this), 'dropSourceSpecificMembership', source, group, interfaceAddress)
}

export function setMulticastInterface(this: DatagramSocket, interfaceAddress?: unknown): void {
  const handle = running(this)
  validateString(interfaceAddress, 'interfaceAddress')
  const result = chooseInterface(handle, interfaceAddress)
  if (result < 0) throw errnoException(result, 'setMulticastInterface')
}

function change(
  handle: DatagramHandle,
  call: 'addMembership' | 'dropMembership',
  group: unknown,
  interfaceAddress: unknown,
): void {
  if (!group) throw missingArgs('multicastAddress')
  const v4 = call === 'addMembership' ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP
  const v6 = call === 'addMembership' ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP
  const result = request(handle, String(group), interfaceAddress, null, [v4, 'ip_mreqn'], [v6, 'ipv6_mreq'])
  if (result < 0) throw errnoException(result, call)
}

function changeSource(
  handle: DatagramHandle,
  call: 'addSourceSpecificMembership' | 'dropSourceSpecificMembership',
  source: unknown,
  group: unknown,
  interfaceAddress: unknown,
): void {
  validateString(source, 'sourceAddress')
  validateString(group, 'groupAddress')
  const joins = call === 'addSourceSpecificMembership'
  const v4 = joins ? IP_ADD_SOURCE_MEMBERSHIP : IP_DROP_SOURCE_MEMBERSHIP
  const v6 = joins ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP
  const result = request(handle, group, interfaceAddress, source, [v4, 'ip_mreq_source'], [v6, 'group_source_req'])
  if (result < 0) throw errnoException(result, call)
}

/** Joins or leaves: an option and its struct for each family. */
function request(
  handle: DatagramHandle,
  group: string,
  interfaceAddress: unknown,
  source: string | null,
  v4: readonly [number, GroupStruct],
  v6: readonly [number, GroupStruct],
): number {
  const at = handle.parse(group)
  if (at === null) return -EINVAL
  const isV6 = at.family === AF_INET6
  const groupText = at.ip.toString()
  const from = source === null ? null : handle.parse(source)
  if (source !== null && from?.family !== at.family) return -EINVAL
  const sourceText = from?.ip.toString()
  const bound = handle.bindForGroup(at.family)
  if (bound < 0) return bound
  let interfaceText: string | undefined
  let index = 0
  if (interfaceAddress !== undefined && interfaceAddress !== null) {
    const on = handle.parse(String(interfaceAddress))
    if (on === null || (on.family === AF_INET6) !== isV6) return -EINVAL
    index = on.scopeId
    if (!isV6) interfaceText = on.ip.toString()
  }
  const asked: GroupRequest = { group: groupText, ifindex: index, address: interfaceText, source: sourceText }
  const [option, struct] = isV6 ? v6 : v4
  return handle.setOctets(isV6 ? IPPROTO_IPV6 : IPPROTO_IP, option, encodeGroupRequest('group', struct, asked))
}

function chooseInterface(handle: DatagramHandle, text: string): number {
  const address = handle.parse(text)
  if (address === null) return -EINVAL
  if (address.family === AF_INET6) return handle.setOption(IPPROTO_IPV6, IPV6_MULTICAST_IF, address.scopeId)
  const octets = new Uint8Array(4)
  new DataView(octets.buffer).setInt32(0, address.ip.d)
  return handle.setOctets(IPPROTO_IP, IP_MULTICAST_IF, octets)
}
