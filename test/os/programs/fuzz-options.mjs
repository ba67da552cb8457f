// Asks for every option there may be with little room for the answer, and sets them to octets of all lengths. Octets behind the room
// must stay what they were: of some options the kernel does not count octets.
//
// Argument: a file for the last call. It ends with 0 where all is well.

import { openSync, writeSync } from 'node:fs'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IP_ADD_SOURCE_MEMBERSHIP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  MCAST_JOIN_SOURCE_GROUP,
  SO_ATTACH_FILTER,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
} from '../../../dist/index.js'
import { os } from '../../../dist/os/index.js'

const [AF_NETLINK, AF_PACKET] = [16, 17]
const file = openSync(process.argv[2], 'w')
const note = (text) => writeSync(file, `${text.padEnd(200)}\n`, 0)

const BEHIND = 4096
const memory = new Uint8Array(BEHIND + 1024)
const LENGTHS = [0, 1, 3, 4, 7, 8, 12, 16, 20, 64, 144, 276, 400]
const LEVELS = [0, 1, 6, 17, 41, 58, 255, 263, 270, 271, 281, 284, 299]

// What the kernel has to tell much of: a filter of many instructions, and groups with many sources.
function prepare(socket) {
  try {
    const filter = Array.from({ length: 64 }, () => ({ code: 6, jt: 0, jf: 0, k: 0xffffffff }))
    socket.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, filter)
  } catch {}
  for (let i = 1; i <= 10; i++) {
    try {
      const source = `10.0.0.${i}`
      socket.setsockopt(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, { group: '239.1.1.1', address: '127.0.0.1', source })
    } catch {}
    try {
      const group = { group: 'ff15::1', ifindex: os.interfaceIndex('lo'), source: `2001:db8::${i}` }
      socket.setsockopt(IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, group)
    } catch {}
  }
}

// Structs that say whose value is asked for, and that there is room for any number of them.
const QUESTIONS = [
  () => {},
  (value) => value.fill(255),
  // struct ip_msfilter of 239.1.1.1 at 127.0.0.1.
  (value) => {
    value.set([239, 1, 1, 1, 127, 0, 0, 1, 1, 0, 0, 0, 255, 255, 0, 0].slice(0, value.length))
  },
  // struct group_filter of 239.1.1.1, and of ff15::1.
  (value) => {
    value.set([os.interfaceIndex('lo'), 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 239, 1, 1, 1].slice(0, value.length))
    value.set([1, 0, 0, 0, 255, 255, 0, 0].slice(0, Math.max(0, value.length - 136)), Math.min(136, value.length))
  },
  (value) => {
    value.set([os.interfaceIndex('lo'), 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 255, 0x15].slice(0, value.length))
    if (value.length > 31) value[31] = 1
    value.set([1, 0, 0, 0, 255, 255, 0, 0].slice(0, Math.max(0, value.length - 136)), Math.min(136, value.length))
  },
]

function look(kind, endpoint, level, name) {
  for (const length of LENGTHS) {
    for (const question of QUESTIONS) {
      memory.fill(0x5a)
      const value = memory.subarray(512, 512 + length)
      value.fill(0)
      question(value)
      note(`${kind}: getsockopt ${level} ${name} of ${length} octets`)
      const result = endpoint.getOption(level, name, value)
      for (let i = 512 + length; i < memory.length; i++) {
        if (memory[i] !== 0x5a) throw new Error(`getsockopt ${level} ${name} wrote behind its ${length} octets`)
      }
      if (result === -92 || result === -95) return
    }
  }
}

function put(kind, endpoint, level, name) {
  for (const length of [...LENGTHS, 40_000]) {
    for (const octet of [0, 1, 255]) {
      note(`${kind}: setsockopt ${level} ${name} of ${length} octets ${octet}`)
      if (endpoint.setOption(level, name, new Uint8Array(length).fill(octet)) === -92) return
    }
  }
}

const kinds = [
  ['tcp', AF_INET, SOCK_STREAM, 0],
  ['udp', AF_INET, SOCK_DGRAM, 0],
  ['udp6', AF_INET6, SOCK_DGRAM, 0],
  ['unix', AF_UNIX, SOCK_STREAM, 0],
  ['raw', AF_INET, SOCK_RAW, 1],
  ['raw6', AF_INET6, SOCK_RAW, 58],
  ['netlink', AF_NETLINK, SOCK_RAW, 0],
  ['packet', AF_PACKET, SOCK_RAW, 0],
]

try {
  for (const [kind, family, type, protocol] of kinds) {
    const socket = new Socket(os, family, type, protocol)
    prepare(socket)
    const endpoint = os.endpoint(socket.fd)
    for (const level of LEVELS) {
      for (let name = 0; name <= 300; name++) look(kind, endpoint, level, name)
    }
    for (const level of LEVELS) {
      for (let name = 0; name <= 300; name++) put(kind, endpoint, level, name)
    }
    for (let request = 0; request < 0x10000; request += 7) endpoint.ioctl(request)
    void socket.close()
  }
  process.exit(0)
} catch (error) {
  writeSync(file, `\n${error.stack}\n`)
  process.exit(9)
}
