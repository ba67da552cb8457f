import { tcpInfo as writeTcpInfo } from '../endpoint/tcp-info.ts'
import { joined, type StackPart } from '../stack-parts.ts'
import { optionStructs } from './option-structs.ts'

/** What TCP tells of a connection: TCP_INFO. */
export const tcpInfo: StackPart = /* @__PURE__ */ joined(optionStructs, { tcpInfo: writeTcpInfo })
