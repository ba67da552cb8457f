import { getGroupOption, setGroupOption } from '../endpoint/group-options.ts'
import { GroupTable } from '../multicast/group-table.ts'
import { joined, type StackPart } from '../stack-parts.ts'
import { ipOptions } from './ip-options.ts'

/** Sockets as members of groups (RFC 3678), with the options of IP among which those are; IGMP and MLD. */
export const multicast: StackPart = /* @__PURE__ */ joined(ipOptions, {
  groups: (networkInterface) => new GroupTable(networkInterface),
  groupOptions: { get: getGroupOption, set: setGroupOption },
})
