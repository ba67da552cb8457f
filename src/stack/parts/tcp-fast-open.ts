import { FastOpenHost } from '../../tcp/fast-open.ts'
import { FAST_OPEN_CALLS } from '../../tcp/fast-open-calls.ts'
import { FastOpenKeys } from '../../tcp/fast-open-key.ts'
import { FAST_OPEN_SOCKETS } from '../endpoint/tcp-fast-open.ts'
import { joined, type StackPart } from '../stack-parts.ts'
import { optionStructs } from './option-structs.ts'

/** Data that goes with a SYN (RFC 7413). */
export const tcpFastOpen: StackPart = /* @__PURE__ */ joined(optionStructs, {
  fastOpen: {
    host: (config, random) => new FastOpenHost(config, random, FAST_OPEN_CALLS),
    parseKey: (text) => FastOpenKeys.parse(text),
    sockets: FAST_OPEN_SOCKETS,
  },
})
