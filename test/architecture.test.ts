import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importsOf } from './imports-of.ts'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))

/** The most lines a file may have. About 400 is the aim. */
const LONGEST = 500

/**
 * What each room may import, besides itself: a room, or a single file of one. '*' is everything. Rooms of the core (base to
 * services) run in a browser as they are, and depend on nothing.
 */
const ROOMS: Readonly<Record<string, { readonly imports: readonly string[]; readonly core: boolean }>> = {
  base: { imports: [], core: true },
  wire: { imports: ['base'], core: true },
  socket: { imports: ['base'], core: true },
  device: { imports: ['base', 'wire', 'socket'], core: true },
  tcp: { imports: ['base', 'wire'], core: true },
  stack: {
    imports: [
      'base',
      'wire',
      'tcp',
      'device/device.ts',
      'socket/provider.ts',
      // Every stack has a loopback interface, and completes checksums that its devices do not take.
      'device/loopback.ts',
      'device/complete-checksum.ts',
      // A router cuts large segments for links that do not take them.
      'device/segment-cutter.ts',
      // Every provider numbers its sockets and tells watchers; only this one has to do it itself.
      'socket/descriptor-table.ts',
      'socket/open-description.ts',
      'socket/ready-list.ts',
      // The batches that it is handed.
      'socket/batch-transfer.ts',
      'socket/control-buffer.ts',
      // What the values of its options are.
      'socket/all-options.ts',
      'socket/option-format.ts',
      'socket/message-batch.ts',
      'unix',
    ],
    core: true,
  },
  unix: { imports: ['base', 'socket'], core: true },
  services: { imports: ['base', 'wire', 'socket'], core: true },
  os: {
    imports: [
      'base',
      'device/device.ts',
      'socket',
      // The machine's time.
      'platform/real-clock.ts',
      // Captures that are written to files and pipes.
      'device/capture.ts',
      'device/pcapng-sink.ts',
      'wire/pcapng.ts',
    ],
    core: false,
  },
  sim: { imports: ['base', 'wire', 'socket', 'device', 'stack'], core: true },
  drill: {
    // What a script's sysctl commands name are choices of TCP.
    imports: ['base', 'wire', 'socket', 'device', 'stack', 'tcp/config.ts'],
    core: false,
  },
  adapters: { imports: ['base', 'socket', 'services'], core: false },
  platform: {
    imports: [
      'base',
      'stack',
      'device',
      // Who watches a stack sees the calls of its sockets.
      'socket/observer.ts',
      'socket/trace/call-log.ts',
      'socket/trace/told-call.ts',
      'socket/trace/trace.ts',
    ],
    core: false,
  },
  // Node's own modules on what the environment names, which is written as on the command line.
  'drop-in': {
    imports: [
      'base',
      'socket',
      'services',
      'adapters',
      'os',
      'platform',
      'cli/where.ts',
      'cli/stack-host.ts',
      'cli/usage-error.ts',
      // The stack itself, which the platform's keeps the process alive with; what it has not sent yet.
      'stack/stack.ts',
      'stack/netstat.ts',
      'stack/netstat-tables.ts',
    ],
    core: false,
  },
  cli: { imports: ['*'], core: false },
}

/** A room's index.ts is a public entry: what it gathers is for users, not for other rooms. */
const ENTRY = 'index.ts'

const CODEC = '@dnsquery/dns-packet'
const CODEC_GUARDS = [
  'services/names/message.ts',
  'services/names/message-records.ts',
  'services/names/multicast/multicast-message.ts',
]

/** Takes the types out of programs that are traced, on a Node that does not do so itself. */
const TYPES = '@swc/wasm-typescript'
const TYPES_USER = 'cli/trace/strip-types.ts'

/** Why the file at `path` (from src, with '/') may not import `specifier`; null where it may. */
function wrongImport(path: string, specifier: string): string | null {
  const [room = '', ...rest] = path.split('/')
  if (rest.length === 0) {
    // src/index.ts itself: the public entry that browsers load.
    return specifier.startsWith('./') ? null : `${path}: the entry imports ${specifier}, which is not of this project`
  }
  const rules = ROOMS[room]
  if (rules === undefined) return `${path}: there is no room "${room}"`
  if (!specifier.startsWith('.')) return wrongPackage(path, room, rules.core, specifier)
  const target = join(dirname(path), specifier).split(sep).join('/')
  if (target.startsWith('..')) return `${path}: ${specifier} lies outside src`
  if (!target.endsWith('.ts')) return `${path}: ${specifier} does not end in .ts`
  const [targetRoom = ''] = target.split('/')
  if (targetRoom === room || rules.imports.includes('*')) return null
  // An entry of a room gathers what its users need with it.
  if (rest.length === 1 && rest[0] === ENTRY && !rules.core) return null
  if (rules.imports.includes(targetRoom) || rules.imports.includes(target)) return null
  return `${path}: ${room} may not import ${target}`
}

function wrongPackage(path: string, room: string, core: boolean, specifier: string): string | null {
  if (specifier === 'koffi') return room === 'os' ? null : `${path}: only os may import koffi`
  if (specifier === 'commander') return room === 'cli' ? null : `${path}: only cli may import commander`
  // DNS messages are read by a library, behind one file that guards it. It needs octets and nothing of Node.
  if (specifier === CODEC)
    return CODEC_GUARDS.includes(path) ? null : `${path}: only ${CODEC_GUARDS.join(', ')} may import ${CODEC}`
  if (specifier === TYPES) return path === TYPES_USER ? null : `${path}: only ${TYPES_USER} may import ${TYPES}`
  if (!specifier.startsWith('node:')) return `${path}: ${specifier} is no dependency`
  if (core) return `${path}: ${room} runs in browsers too and may not import ${specifier}`
  return null
}

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(SOURCE, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

describe('the source', () => {
  const files = sourceFiles().map((path) => ({ path, text: readFileSync(join(SOURCE, path), 'utf8') }))

  it('is there', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(40)
  })

  it('imports only what its room may', () => {
    const wrong = files.flatMap(({ path, text }) => importsOf(text).map((specifier) => wrongImport(path, specifier)))
    expect(wrong.filter((reason) => reason !== null)).toEqual([])
  })

  it(`has no file longer than ${LONGEST} lines`, () => {
    const long = files.map(({ path, text }) => [path, text.split('\n').length - 1] as const)
    expect(long.filter(([, lines]) => lines > LONGEST)).toEqual([])
  })

  it('never reaches a node: or npm module from the public entry for browsers', () => {
    const texts = new Map(files.map(({ path, text }) => [path, text]))
    const seen = new Set<string>()
    const outside: string[] = []
    const walk = (path: string) => {
      if (seen.has(path)) return
      seen.add(path)
      for (const specifier of importsOf(texts.get(path) ?? '')) {
        if (specifier.startsWith('.')) walk(join(dirname(path), specifier).split(sep).join('/'))
        else outside.push(`${path} imports ${specifier}`)
      }
    }
    walk(ENTRY)
    expect(outside).toEqual([])
  })
})

describe('the rules', () => {
  it.each([
    ['base/bytes.ts', '../wire/tcp.ts', 'base may not import wire/tcp.ts'],
    ['wire/tcp.ts', '../tcp/connection.ts', 'wire may not import tcp/connection.ts'],
    ['tcp/connection.ts', '../stack/stack.ts', 'tcp may not import stack/stack.ts'],
    ['tcp/connection.ts', '../device/device.ts', 'tcp may not import device/device.ts'],
    ['stack/stack.ts', '../device/cable.ts', 'stack may not import device/cable.ts'],
    ['stack/stack.ts', '../socket/socket.ts', 'stack may not import socket/socket.ts'],
    ['stack/stack.ts', '../os/libc.ts', 'stack may not import os/libc.ts'],
    ['socket/socket.ts', '../stack/stack.ts', 'socket may not import stack/stack.ts'],
    ['device/tap.ts', '../stack/stack.ts', 'device may not import stack/stack.ts'],
    ['services/echo.ts', '../stack/stack.ts', 'services may not import stack/stack.ts'],
    ['os/tuntap.ts', '../wire/tcp.ts', 'os may not import wire/tcp.ts'],
    ['os/tuntap.ts', '../device/loopback.ts', 'os may not import device/loopback.ts'],
    ['adapters/node.ts', '../stack/stack.ts', 'adapters may not import stack/stack.ts'],
    ['platform/clock.ts', '../tcp/connection.ts', 'platform may not import tcp/connection.ts'],
    ['drill/run.ts', '../os/tuntap.ts', 'drill may not import os/tuntap.ts'],
    ['drop-in/net.ts', '../cli/serve/serve.ts', 'drop-in may not import cli/serve/serve.ts'],
    ['adapters/net/net-for.ts', '../../drop-in/net.ts', 'adapters may not import drop-in/net.ts'],
    ['base/clock.ts', 'node:fs', 'base runs in browsers too and may not import node:fs'],
    ['services/echo.ts', 'node:net', 'services runs in browsers too and may not import node:net'],
    ['stack/stack.ts', 'koffi', 'only os may import koffi'],
    ['cli/main.ts', 'koffi', 'only os may import koffi'],
    ['adapters/node.ts', 'commander', 'only cli may import commander'],
    ['services/names/resolver.ts', CODEC, `only ${CODEC_GUARDS.join(', ')} may import ${CODEC}`],
    ['cli/main.ts', 'left-pad', 'left-pad is no dependency'],
    ['cli/main.ts', '../../test/x.ts', '../../test/x.ts lies outside src'],
    ['base/bytes.ts', './clock.js', './clock.js does not end in .ts'],
    ['helpers/x.ts', './y.ts', 'there is no room "helpers"'],
    ['index.ts', 'node:fs', 'the entry imports node:fs, which is not of this project'],
    ['stack/index.ts', '../os/libc.ts', 'stack may not import os/libc.ts'],
  ])('%s may not import %s', (path, specifier, reason) => {
    expect(wrongImport(path, specifier)).toBe(`${path}: ${reason}`)
  })

  it.each([
    ['base/byte-ring.ts', './bytes.ts'],
    ['wire/tcp.ts', '../base/bytes.ts'],
    ['device/cable.ts', '../wire/crc32.ts'],
    ['device/remote.ts', '../socket/socket.ts'],
    ['stack/stack.ts', '../device/device.ts'],
    ['stack/stack.ts', '../device/loopback.ts'],
    ['stack/endpoint.ts', '../socket/provider.ts'],
    ['stack/tcp-layer.ts', '../tcp/connection.ts'],
    ['os/tuntap.ts', '../device/device.ts'],
    ['os/libc.ts', 'koffi'],
    ['os/libc.ts', 'node:module'],
    ['os/index.ts', '../socket/socket.ts'],
    ['platform/stack.ts', '../stack/stack.ts'],
    ['adapters/duplex.ts', 'node:stream'],
    ['services/names/message-records.ts', CODEC],
    ['drop-in/register.ts', '../cli/where.ts'],
    ['drop-in/net.ts', '../adapters/net/net-for.ts'],
    ['cli/main.ts', '../os/tuntap.ts'],
    ['cli/main.ts', 'commander'],
    ['index.ts', './platform/stack.ts'],
  ])('%s may import %s', (path, specifier) => {
    expect(wrongImport(path, specifier)).toBe(null)
  })

  it('see every way to import, and nothing in comments or strings', () => {
    const source = `
      import a from 'one'
      import { type B } from "two"
      import type { C } from 'three'
      import 'four'
      export * from 'five'
      export { d } from 'six'
      const e = await import('seven')
      type F = import('eight').F
      const g = require('nine')
      // import h from 'no'
      const i = "import j from 'no'"
      /** import('no') */
      const k = \`\${await import('ten')}\``
    expect(importsOf(source)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'])
  })
})

describe('state', () => {
  it.each(['tcp', 'wire'])('%s keeps none in modules: stacks of one process interleave', (room) => {
    const files = readdirSync(join(SOURCE, room), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    )
    const variables = files.flatMap((name) =>
      [...readFileSync(join(SOURCE, room, name), 'utf8').matchAll(/^(?:export )?(?:let|var) .*/gm)].map(
        ([line]) => `${name}: ${line}`,
      ),
    )
    expect(variables).toEqual([])
  })
})
