// A program of CommonJS: it has Node's modules by require().
'use strict'

const subjects = require('./subjects.cjs')

const modules = {
  child: require('node:child_process'),
  dgram: require('node:dgram'),
  http: require('node:http'),
  http2: require('node:http2'),
  https: require('node:https'),
  net: require('node:net'),
  tls: require('node:tls'),
}
subjects[process.argv[2]](modules).then((found) => process.stdout.write(`${JSON.stringify(found)}\n`))
