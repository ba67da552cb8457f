import { getIpOption, setIpOption } from '../endpoint/ip-options.ts'
import { getIpv6Option, setIpv6Option } from '../endpoint/ipv6-options.ts'
import { joined, type StackPart } from '../stack-parts.ts'
import { optionStructs } from './option-structs.ts'

/** What sockets set of IP: options of the levels IPPROTO_IP (ip(7)) and IPPROTO_IPV6 (ipv6(7)). */
export const ipOptions: StackPart = /* @__PURE__ */ joined(optionStructs, {
  ipOptions: { getIp: getIpOption, setIp: setIpOption, getIpv6: getIpv6Option, setIpv6: setIpv6Option },
})
