// jackfield/dgram: node:dgram on what JACKFIELD_ON names. Declarations: dgram-types.ts.

import { dgramFor } from '../adapters/dgram/dgram-for.ts'
import { providerOrExit } from './provider-or-exit.ts'

const dgram = dgramFor(providerOrExit())

export const { createSocket, Socket } = dgram
/** What the modules of older Nodes have besides. */
export const { _createSocketHandle } = dgram as unknown as Record<string, unknown>
export { dgram as default, dgram as 'module.exports', dgramFor }
