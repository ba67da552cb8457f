import dgram from 'node:dgram'
import { dgramFor } from '../../../src/adapters/dgram/dgram-for.ts'
import { differential, nodeFree } from '../harness.ts'
import { newestPrograms } from './programs/newest.ts'

// On a Node that has them not itself, what ours do over the operating system is what they do over a stack.
const differ = 'bindSync' in dgram.Socket.prototype ? differential : nodeFree

differ('newest', newestPrograms, { dgram: dgramFor })
