// Read first: RFC 3678 sections 4 and 5, ip(7), ipv6(7).

import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_ADD_SOURCE_MEMBERSHIP,
  IP_BLOCK_SOURCE,
  IP_DROP_MEMBERSHIP,
  IP_DROP_SOURCE_MEMBERSHIP,
  IP_MSFILTER,
  IP_UNBLOCK_SOURCE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  MCAST_BLOCK_SOURCE,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
  MCAST_MSFILTER,
  MCAST_UNBLOCK_SOURCE,
  SOCK_STREAM,
} from '../../base/constants.ts'
import { EADDRNOTAVAIL, EINVAL, ENOPROTOOPT, EPROTO } from '../../base/errno.ts'
import {
  decodeGroupFilter,
  decodeGroupRequest,
  encodeFilterFields,
  type FilterStruct,
  type GroupStruct,
} from '../../base/group-request.ts'
import type { StackEndpoint } from './endpoint.ts'
import { Memberships } from './memberships.ts'

type Deed = 'join' | 'leave' | 'block' | 'unblock' | 'join-source' | 'leave-source'

const ipDeeds = new Map<number, readonly [GroupStruct, Deed]>([
  [IP_ADD_MEMBERSHIP, ['ip_mreqn', 'join']],
  [IP_DROP_MEMBERSHIP, ['ip_mreqn', 'leave']],
  [IP_BLOCK_SOURCE, ['ip_mreq_source', 'block']],
  [IP_UNBLOCK_SOURCE, ['ip_mreq_source', 'unblock']],
  [IP_ADD_SOURCE_MEMBERSHIP, ['ip_mreq_source', 'join-source']],
  [IP_DROP_SOURCE_MEMBERSHIP, ['ip_mreq_source', 'leave-source']],
])
const ipv6Deeds = new Map<number, readonly [GroupStruct, Deed]>([
  [IPV6_JOIN_GROUP, ['ipv6_mreq', 'join']],
  [IPV6_LEAVE_GROUP, ['ipv6_mreq', 'leave']],
])
const deeds = new Map<number, readonly [GroupStruct, Deed]>([
  [MCAST_JOIN_GROUP, ['group_req', 'join']],
  [MCAST_LEAVE_GROUP, ['group_req', 'leave']],
  [MCAST_BLOCK_SOURCE, ['group_source_req', 'block']],
  [MCAST_UNBLOCK_SOURCE, ['group_source_req', 'unblock']],
  [MCAST_JOIN_SOURCE_GROUP, ['group_source_req', 'join-source']],
  [MCAST_LEAVE_SOURCE_GROUP, ['group_source_req', 'leave-source']],
])

/** Sets an option about groups at level IPPROTO_IP or IPPROTO_IPV6: 0 or a negated errno, -ENOPROTOOPT where it is about others. */
export function setGroupOption(endpoint: StackEndpoint, level: number, name: number, value: Uint8Array): number {
  const filter = filterStruct(level, name)
  const deed = (level === IPPROTO_IP ? ipDeeds : ipv6Deeds).get(name) ?? deeds.get(name)
  if (filter === null && deed === undefined) return -ENOPROTOOPT
  // A stream is no member of anything.
  if (endpoint.type === SOCK_STREAM) return -EPROTO
  endpoint.memberships ??= new Memberships(endpoint.stack, endpoint)
  const { memberships } = endpoint
  const family = level === IPPROTO_IPV6 ? AF_INET6 : AF_INET
  if (filter !== null) {
    const fields = decodeGroupFilter(filter, value)
    if (fields === null || fields.family !== family) return -EINVAL
    const { mode } = fields
    if (mode !== MCAST_INCLUDE && mode !== MCAST_EXCLUDE) return -EINVAL
    return memberships.setFilter(fields, mode === MCAST_INCLUDE, fields.sources)
  }
  const [struct, what] = deed as readonly [GroupStruct, Deed]
  const request = decodeGroupRequest(struct, value)
  if (request === null) return -EINVAL
  if (request.family !== family) {
    return family === AF_INET && (what === 'join' || what === 'leave') ? -EINVAL : -EADDRNOTAVAIL
  }
  switch (what) {
    case 'join':
      return memberships.join(request, false)
    case 'leave':
      return memberships.leave(request)
    default:
      return memberships.changeSource(request, what.endsWith('-source'), what === 'block' || what === 'join-source')
  }
}

/** IP_MSFILTER and MCAST_MSFILTER: `value` has the group and interface, and the number of sources that there is room for. */
export function getGroupOption(endpoint: StackEndpoint, level: number, name: number, value: Uint8Array): number {
  const struct = filterStruct(level, name)
  if (struct === null) return -ENOPROTOOPT
  const request = decodeGroupFilter(struct, value, true)
  if (request === null || request.family !== (level === IPPROTO_IPV6 ? AF_INET6 : AF_INET)) return -EINVAL
  endpoint.memberships ??= new Memberships(endpoint.stack, endpoint)
  const filter = endpoint.memberships.filterOf(request)
  if (typeof filter === 'number') return filter
  const mode = filter.include ? MCAST_INCLUDE : MCAST_EXCLUDE
  const whole = encodeFilterFields(struct, { ...request, mode, sources: filter.sources })
  // The struct counts all sources; those are there that have room.
  const length = Math.min(whole.length, value.length)
  value.set(whole.subarray(0, length))
  return length
}

function filterStruct(level: number, name: number): FilterStruct | null {
  if (level === IPPROTO_IP && name === IP_MSFILTER) return 'ip_msfilter'
  return name === MCAST_MSFILTER ? 'group_filter' : null
}
