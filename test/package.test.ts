// The package as it is published: packed, unpacked into a folder of its own beside what it depends on, and used by name.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const { dependencies, optionalDependencies, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What a user's program is in, with node_modules/ of it. */
let folder: string
let packed: string
let tarball: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jackfield-package-'))
  packed = join(folder, 'node_modules/jackfield')
  mkdirSync(packed, { recursive: true })
  const npm = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ filename }] = JSON.parse(npm.stdout)
  tarball = join(folder, filename)
  expect(spawnSync('tar', ['-xzf', tarball, '-C', packed, '--strip-components=1']).status).toBe(0)
  for (const name of ['@types/node', ...Object.keys({ ...dependencies, ...optionalDependencies })]) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a program in that folder prints. */
function run(text: string, env: NodeJS.ProcessEnv = {}): unknown {
  const program = join(folder, 'program.mjs')
  writeFileSync(program, text)
  const { stdout, stderr } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    timeout: 50_000,
    env: { ...process.env, ...env },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

/** The names of entries as users write them: "jackfield", "jackfield/os", … */
const entries = Object.keys(exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => name.replace('.', 'jackfield'))

describe('what is imported', () => {
  test('each entry gives what its declarations say, and a class is one class whatever entry it comes by', () => {
    const text = `
      import { Duplex } from 'node:stream'
      import { AF_INET, SOCK_STREAM, Socket, SocketError, Stack } from 'jackfield'
      import { systemNames, toDuplex } from 'jackfield/node'
      import { toWebStreams } from 'jackfield/web'
      import { connectTo } from 'jackfield/names'
      import { os } from 'jackfield/os'
      import { parseScript, runScript } from 'jackfield/drill'
      import { Simulation } from 'jackfield/sim'
      const found = []
      for (const provider of [os, new Stack()]) {
        const socket = new Socket(provider, AF_INET, SOCK_STREAM)
        const error = await socket.connect({ address: '127.0.0.1', port: 1 }).catch((error) => error)
        found.push(error instanceof SocketError, error.code)
        await socket.close()
      }
      const server = new Socket(os, AF_INET, SOCK_STREAM)
      server.bind({ address: '127.0.0.1', port: 0 })
      server.listen()
      const { port } = server.getsockname()
      const client = await connectTo(systemNames(os), '127.0.0.1', port)
      found.push(client instanceof Socket, toDuplex(client) instanceof Duplex)
      found.push(toWebStreams(await server.accept()).readable instanceof ReadableStream)
      found.push(new Simulation().host('a').socket() instanceof Socket)
      found.push((await runScript(parseScript('0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3', 'a.pkt'))).ok)
      console.log(JSON.stringify(found))
      process.exit()
    `
    expect(run(text)).toEqual([true, 'ECONNREFUSED', true, 'ECONNREFUSED', true, true, true, true, true])
  })

  test('jackfield/net and jackfield/dgram are there by import and by require(), and work', () => {
    const text = `
      import { createRequire } from 'node:module'
      import { netFor } from 'jackfield/node'
      import net, * as names from 'jackfield/net'
      import { connect, listen } from 'jackfield/net/promises'
      import dgram, { createSocket } from 'jackfield/dgram'
      const require = createRequire(import.meta.url)
      const found = [
        require('jackfield/net') === net,
        require('jackfield/dgram') === dgram,
        require('jackfield/net/promises').listen === net.promises.listen,
        dgram.createSocket === createSocket,
        names.netFor === netFor,
        Object.keys(net).filter((name) => name in names && names[name] !== net[name]),
        Object.keys(net).filter((name) => !(name in names)),
        Object.keys(await import('node:net')).filter((name) => !(name in names) && !name.startsWith('_')),
        Object.keys(await import('node:dgram')).filter((name) => !(name in dgram) && name !== 'default'),
      ]
      const server = await listen({ host: '127.0.0.1', connectionListener: (socket) => socket.end('hello') })
      const socket = await connect(server.address().port, '127.0.0.1')
      for await (const data of socket) found.push(String(data))
      console.log(JSON.stringify(found))
      server.close()
    `
    for (const on of ['os', 'userspace']) {
      expect(run(text, { JACKFIELD_ON: on })).toEqual([true, true, true, true, true, [], [], [], [], 'hello'])
    }
  })

  test('jackfield/web has fetch and serve in Node, on what the environment names; neither keeps the process alive', () => {
    const text = `
      import { fetch, serve } from 'jackfield/web'
      const server = serve({ port: 0, hostname: '127.0.0.1' }, (request) => new Response(request.headers.get('host')))
      const said = []
      for (const host of ['127.0.0.1', 'localhost']) {
        said.push(await (await fetch('http://' + host + ':' + server.addr.port)).text() === host + ':' + server.addr.port)
      }
      server.unref()
      console.log(JSON.stringify(said))
    `
    for (const on of ['os', 'userspace']) expect(run(text, { JACKFIELD_ON: on })).toEqual([true, true])
  })

  test('jackfield/web has connect, and TLS of Node, in Node; what a page loads is under the same name without "node"', () => {
    const text = `
      import { createRequire } from 'node:module'
      import { createServer } from 'jackfield/net'
      import { Stack } from 'jackfield'
      import * as web from 'jackfield/web'
      const { connect, denoFor, socketsFor, SocketError } = web
      const found = [createRequire(import.meta.url)('jackfield/web').connect === connect]
      const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1', async () => {
        const { port } = server.address()
        const socket = connect('localhost:' + port)
        const { remoteAddress } = await socket.opened
        await socket.writable.getWriter().write('hello')
        const { value } = await socket.readable.getReader().read()
        await socket.close()
        const secure = connect('127.0.0.1:' + port, { secureTransport: 'on' })
        const failed = await secure.opened.catch((error) => error instanceof SocketError)
        found.push(remoteAddress === '127.0.0.1:' + port, new TextDecoder().decode(value), failed)
        const stack = new Stack()
        for (const tls of [undefined, null]) {
          try {
            void socketsFor(stack, { tls }).connect('127.0.0.1:1', { secureTransport: 'on' })
            found.push('made')
          } catch (error) {
            found.push(error.message)
          }
        }
        found.push(await denoFor(stack).connectTls({ port: 1 }).catch((error) => error.name))
        console.log(JSON.stringify(found))
        process.exit()
      })
    `
    const refused = "SocketError: secureTransport 'on' needs a TLS engine: give `tls`"
    for (const on of ['os', 'userspace']) {
      expect(run(text, { JACKFIELD_ON: on })).toEqual([true, true, 'hello', true, 'made', refused, 'ConnectionRefused'])
    }
    const { node, ...page } = exports['./web']
    expect([node.default, page.default]).toEqual(['./dist/drop-in/web.js', './dist/adapters/web.js'])
  })

  test.each([
    ['Node', { module: ts.ModuleKind.NodeNext }],
    ['bundlers', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ])('types, as %s find them: a program that uses every entry compiles', (_, resolution) => {
    const program = join(folder, 'user.mts')
    const names = entries.map((entry, i) => `export * as e${i} from '${entry}'\n`).join('')
    const dropIns = `
      import net, { connect, type Server } from 'jackfield/net'
      import * as dgram from 'jackfield/dgram'
      import type nodeNet from 'node:net'
      import type * as nodeDgram from 'node:dgram'
      export const server: Server = net.createServer((socket: net.Socket) => socket.end())
      export const socket: nodeNet.Socket = connect({ port: 1, autoSelectFamily: true })
      export const datagrams: nodeDgram.Socket = dgram.createSocket('udp4')
      export const same: typeof nodeNet = net
    `
    writeFileSync(program, names + dropIns)
    const options: ts.CompilerOptions = {
      ...resolution,
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      // test/platform/types.test.ts looks into the declarations.
      skipLibCheck: true,
    }
    const found = ts.getPreEmitDiagnostics(ts.createProgram([program], options))
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([])
  })

  test('publint and are-the-types-wrong have nothing to say', () => {
    const judge = join(root, 'scripts/judge-package.mjs')
    const { stdout, stderr } = spawnSync(process.execPath, [judge, tarball], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^nothing is wrong with [^\n]*\.\/net, \.\/net\/promises, \.\/dgram, \.\/register[^\n]*\n$/)
  })

  test('the operating system is called when a socket of it is made, not before: koffi is loaded then', () => {
    const text = `
      import { createRequire } from 'node:module'
      const { cache } = createRequire(import.meta.url)
      const koffi = () => Object.keys(cache).some((path) => path.includes('koffi'))
      const { AF_INET, SOCK_STREAM, Socket, Stack } = await import('jackfield')
      const { os } = await import('jackfield/os')
      new Stack()
      const before = koffi()
      new Socket(os, AF_INET, SOCK_STREAM)
      console.log(JSON.stringify([before, koffi()]))
      process.exit()
    `
    expect(run(text)).toEqual([false, true])
  })
})

describe('files of JavaScript', () => {
  const read = new Map<string, readonly string[]>()

  /** What a file imports: a stack of half a megabyte is read for many entries. */
  function importsOf(file: string): readonly string[] {
    const known = read.get(file)
    if (known !== undefined) return known
    const found = ts
      .preProcessFile(readFileSync(file, 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => fileName)
    read.set(file, found)
    return found
  }

  /** A file of the package, and all that Node reads with it. */
  function loaded(file: string, seen = new Set<string>(), above: readonly string[] = []): Set<string> {
    expect(above).not.toContain(file)
    seen.add(file)
    for (const name of importsOf(file)) {
      if (!name.startsWith('.') || readFileSync(file, 'utf8').includes(`import("${name}")`)) continue
      loaded(resolve(dirname(file), name), seen, [...above, file])
    }
    return seen
  }

  // To find, read and link one takes Node half a millisecond and more.
  test.each(entries)('%s is a handful, none of which imports another in a circle', (entry) => {
    const file = join(packed, exports[entry.replace('jackfield', '.')].default)
    expect(loaded(file).size).toBeLessThanOrEqual(6)
  })

  test.each(['jackfield', 'jackfield/web', 'jackfield/names', 'jackfield/dhcp', 'jackfield/drill', 'jackfield/sim'])(
    '%s, which is for browsers too, asks for nothing of Node',
    (entry) => {
      const files = [...loaded(join(packed, exports[entry.replace('jackfield', '.')].default))]
      const packages = files.flatMap(importsOf).filter((name) => !name.startsWith('.'))
      expect(packages.filter((name) => name !== '@dnsquery/dns-packet')).toEqual([])
    },
  )

  test('the command begins with three', () => {
    expect([...loaded(join(packed, 'dist/cli/main.js'))].length).toBeLessThanOrEqual(3)
  })

  test('their source maps lead to sources that are in the package', () => {
    const dist = join(packed, 'dist')
    const maps = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js.map'))
    expect(maps.length).toBeGreaterThan(10)
    for (const map of maps) {
      const { sources } = JSON.parse(readFileSync(join(dist, map), 'utf8')) as { readonly sources: readonly string[] }
      expect(sources.filter((source) => !existsSync(resolve(dirname(join(dist, map)), source)))).toEqual([])
    }
  })
})

test('the command runs', () => {
  const command = join(packed, 'bin/jackfield')
  const { status, stdout } = spawnSync(process.execPath, [command, 'netstat', '--json'], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toBeDefined()
})
