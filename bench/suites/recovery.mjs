// TCP's goodput over bad paths: two userspace stacks beside two kernels, over the same faults. A figure is a path, a round a seed of its
// faults. Ten paths; all of them with --long, and how flows of both share a bottleneck.

import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { cells, fairness, quick } from '../recovery/cells.mjs'

export const name = 'recovery'

export const options = {
  long: { type: 'boolean', default: false },
  control: { type: 'string', default: 'cubic' },
  profile: { type: 'string', default: 'default' },
  offloads: { type: 'boolean', default: false },
}

/** Paths are slow, processors are not: two at a time take half as long. */
export const atOnce = 2

export function peers() {
  const kernel = { version: release() }
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    return { jackfield: { missing: 'it makes network namespaces, for which it must run as root on Linux' }, kernel }
  }
  if (!existsSync('/dev/net/tun')) return { jackfield: { missing: 'there is no /dev/net/tun' }, kernel }
  return { kernel }
}

export function figures({ options: { long, control, profile, offloads } }) {
  const lane = (system, cell, seconds) => ({
    program: 'recovery/lane.mjs',
    args: [system, cell, control, profile, String(offloads)],
    patience: 60_000 + seconds * 10_000,
  })
  const paths = cells
    .filter(({ name }) => long || quick.includes(name))
    .map(({ name, seconds }) => ({
      name,
      unit: 'Mbit/s',
      better: 'more',
      warm: false,
      ours: lane('jackfield', name, seconds),
      theirs: { kernel: lane('kernel', name, seconds) },
    }))
  if (!long) return paths
  const shared = { name: 'a bottleneck shared with the kernel', unit: 'Jain', better: 'more', warm: false }
  return [...paths, { ...shared, floor: { absolute: 0.95 }, ours: lane('both', '', fairness.seconds) }]
}

export function summary(results) {
  const ratios = results
    .flatMap(({ peers }) => peers.map(({ ratio }) => ratio?.median ?? 0))
    .filter((ratio) => ratio > 0)
  if (ratios.length === 0) return null
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  return `geometric mean of the ratios ${mean.toFixed(3)}, of ${ratios.length} paths; the least ${Math.min(...ratios).toFixed(2)}`
}
