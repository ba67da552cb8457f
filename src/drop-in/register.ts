// node --import jackfield/register app.js: the program's node:net and node:dgram, and all of Node that is built on them (http, https,
// tls, http2, fetch), work on what JACKFIELD_ON names. Nothing of the program is changed.

import { providerOrExit } from './provider-or-exit.ts'
import { replaceNode } from './replace-node.ts'

replaceNode(providerOrExit())
