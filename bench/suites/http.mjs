// node:http under `--import jackfield/register`, as wrk has it: a server that answers "Hello World" over 32 connections that stay open. On the operating
// system's sockets it stands beside plain Node on the same loopback; on a TAP, wrk being on the kernel's side, beside plain Node over a
// veth pair, which is as far away.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const name = 'http'

export function peers() {
  const unable = lacking()
  const node = { version: process.version }
  return { ...(unable !== null && { jackfield: { missing: unable } }), 'node:http': node }
}

function lacking() {
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    return 'it makes a network namespace, for which it must run as root on Linux'
  }
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun'
  return spawnSync('wrk', ['-v']).error === undefined ? null : 'there is no wrk'
}

const lane = (system, what) => ({ program: 'http/lane.mjs', args: [system, what], under: ['unshare', '--net'] })

const figure = (where, what, ours, theirs, more) => ({
  name: `${what === 'answers' ? 'answers' : 'processor time of an answer'}, ${where}`,
  ...(what === 'answers' ? { unit: '/s', better: 'more' } : { unit: 'µs', better: 'less' }),
  pins: ['0', '1'],
  ...more,
  ours: lane(ours, what),
  theirs: { 'node:http': lane(theirs, what) },
})

const goals = (floor, aim) => ({ floor: { 'node:http': floor }, aim: { 'node:http': aim } })

export const figures = () => [
  figure('operating system', 'answers', 'os', 'node on loopback', goals(0.8, 0.95)),
  figure('operating system', 'time', 'os', 'node on loopback', goals(1.25, 1.05)),
  figure('TAP', 'answers', 'tap', 'node over veth'),
  figure('TAP', 'time', 'tap', 'node over veth'),
]
