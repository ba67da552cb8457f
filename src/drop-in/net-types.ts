// The types of jackfield/net are those of the node:net that the program has: its own @types/node says which. No code is made of this.

import * as net from 'node:net'

export * from 'node:net'
export { netFor } from '../adapters/net/net-for.ts'
export { net as default, net as 'module.exports' }
