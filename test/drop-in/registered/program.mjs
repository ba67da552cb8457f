// A program of ES modules: it has the names that Node's modules export.
import * as child from 'node:child_process'
import * as dgram from 'node:dgram'
import * as http from 'node:http'
import * as http2 from 'node:http2'
import * as https from 'node:https'
import * as net from 'node:net'
import * as tls from 'node:tls'
import subjects from './subjects.cjs'

const modules = { child, dgram, http, http2, https, net, tls }
process.stdout.write(`${JSON.stringify(await subjects[process.argv[2]](modules))}\n`)
