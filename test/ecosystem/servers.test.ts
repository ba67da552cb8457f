// Servers of Node's own modules and of the npm registry, as they are, and the machine's clients: over a stack on a TAP, and over the
// operating system.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from '../interop/namespace.ts'
import { fileHash, writeSeededFile } from '../interop/seeded-file.ts'
import { Machine, SYSTEMS } from './machine.ts'
import { describeEcosystem } from './requirements.ts'

const SIZE = 3_000_000

describe.each(SYSTEMS)('over %s', (on) => {
  describeEcosystem('http, https, http2, express, fastify and ws', ['curl', 'wrk'], () => {
    let machine: Machine
    let server: Running

    beforeAll(async () => {
      machine = new Machine(on)
      server = machine.program('http-server')
      await server.saying('ready')
    })
    afterAll(() => machine?.close())

    const curl = (...args: string[]) => machine.namespace.run('curl', ['-sS', '-f', ...args])

    test.each([
      ['node:http', '1.1', 'http://localhost:80/', []],
      ['node:https', '1.1', 'https://localhost:443/', ['--http1.1']],
      ['http2', '2', 'https://localhost:8443/', ['--http2']],
    ])('curl and %s: three megabytes there and back', async (_, version, url, flags) => {
      const { folder, own } = machine
      const hash = writeSeededFile(join(folder, 'up'), SIZE)
      const to = ['--connect-to', `::${own}:`, '--cacert', join(folder, 'certificate.pem'), ...flags]
      const output = ['-o', join(folder, 'down'), '-w', '%{http_version} %{remote_ip}']
      const done = await curl(...to, ...output, '--data-binary', `@${folder}/up`, url)
      expect(done).toEqual({ status: 0, stdout: `${version} ${own}`, stderr: '' })
      expect(await fileHash(join(folder, 'down'))).toBe(hash)
    })

    test('curl, express and fastify', async () => {
      const { own } = machine
      expect(await curl(`http://${own}:3000/`)).toMatchObject({ status: 0, stdout: 'express' })
      const json = ['-H', 'content-type: application/json', '-d', '{"a":[1,2]}']
      expect(await curl(...json, `http://${own}:3000/json`)).toMatchObject({ stdout: '{"got":{"a":[1,2]}}' })
      expect(await curl(`http://${own}:4000/`)).toMatchObject({ status: 0, stdout: '{"hello":"fastify"}' })
    })

    test.each([
      ['express', 3000],
      ['fastify', 4000],
    ])('wrk asks %s over 64 connections for two seconds, and every answer is right', async (_, port) => {
      const { status, stdout } = await machine.namespace.run('wrk', [
        '-t2',
        '-c64',
        '-d2s',
        // How long an answer may take is not what is asked here.
        '--timeout',
        '60s',
        `http://${machine.own}:${port}/`,
      ])
      expect(status).toBe(0)
      expect(stdout).not.toMatch(/Socket errors|Non-2xx/)
      expect(Number(/(\d+) requests in/.exec(stdout)?.[1])).toBeGreaterThan(0)
    })

    test('a WebSocket of a plain Node', async () => {
      const { status, stdout, stderr } = await machine.program('ws-client', { PEER: machine.own }, true).ended
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' })
    })

    test('told to end, the servers close and the program ends', async () => {
      expect(await server.stop()).toMatchObject({ status: 0, stderr: '' })
    })
  })
})
