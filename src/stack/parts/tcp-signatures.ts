import { SIGNATURE_CALLS } from '../../tcp/signature.ts'
import { setSignatureOption } from '../endpoint/tcp-signature.ts'
import { joined, type StackPart } from '../stack-parts.ts'
import { optionStructs } from './option-structs.ts'

/** Segments that are signed with MD5 (RFC 2385): TCP_MD5SIG. */
export const tcpSignatures: StackPart = /* @__PURE__ */ joined(optionStructs, {
  signatures: { calls: SIGNATURE_CALLS, setOption: setSignatureOption },
})
