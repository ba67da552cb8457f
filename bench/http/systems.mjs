// Whose sockets the server of node:http has: the same program each time.

import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { dist } from '../harness/dist.mjs'
import { PEER } from '../tap/systems.mjs'

const program = fileURLToPath(new URL('../peers/http-server.mjs', import.meta.url))
const register = pathToFileURL(join(dist, 'drop-in/register.js')).href

const plain = [process.execPath, program]
const on = (where) => ['env', `JACKFIELD_ON=${where}`, process.execPath, '--import', register, program]

export const systems = {
  os: { link: 'loopback', command: on('os') },
  tap: { link: 'tap', command: on(`tap:peer,${PEER}/24`) },
  'node on loopback': { link: 'loopback', command: plain },
  'node over veth': { link: 'veth', command: plain },
}
