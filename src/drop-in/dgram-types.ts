// The types of jackfield/dgram are those of the node:dgram that the program has: its own @types/node says which. No code is made of this.

import * as dgram from 'node:dgram'

export * from 'node:dgram'
export { dgramFor } from '../adapters/dgram/dgram-for.ts'
export { dgram as default, dgram as 'module.exports' }
