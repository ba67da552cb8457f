// Where the operating system cannot be called, all that is userspace works, and a socket of the OS says what to do.

import { expect, test } from 'vitest'
import { resultOf, runProgram } from './program.ts'

const work = `
  import { AF_INET, SOCK_DGRAM, Socket, Stack } from 'jackfield'
  import { os } from 'jackfield/os'
  const results = []
  for (let i = 0; i < 2; i++) {
    try { new Socket(os, AF_INET, SOCK_DGRAM) } catch (error) { results.push(error.constructor.name + ': ' + error.message) }
  }
  results.push(os.size)
  const stack = new Stack()
  const [left, right] = [new Socket(stack, AF_INET, SOCK_DGRAM), new Socket(stack, AF_INET, SOCK_DGRAM)]
  left.bind({ address: '127.0.0.1', port: 7 })
  await right.sendto(Uint8Array.of(1, 2, 3), left.getsockname())
  results.push(await left.recv(new Uint8Array(8)))
  await left.close()
  await right.close()
  console.log(JSON.stringify(results))
`

// What Node does where node_modules has no such folder, or koffi has no binary for the platform: require throws.
const withoutKoffi = `
  import Module from 'node:module'
  const load = Module._load
  Module._load = (name, ...rest) => {
    if (name === 'koffi') throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' })
    return load(name, ...rest)
  }
`

const elsewhere = `Object.defineProperty(process, 'platform', { value: 'darwin' })`

async function results(before: string): Promise<unknown[]> {
  const preload = `data:text/javascript,${encodeURIComponent(before)}`
  return (await resultOf(runProgram(work, { node: ['--import', preload] }))) as unknown[]
}

test('without koffi: one clear error at the first socket and at each later one; a stack works', async () => {
  const text =
    'Error: jackfield/os needs the optional package koffi to call the operating system; it is not installed or has no ' +
    `binary for linux ${process.arch} (npm install koffi)`
  expect(await results(withoutKoffi)).toEqual([text, text, 0, 3])
})

test('on another platform: one clear error; a stack works', async () => {
  const text = 'Error: jackfield/os needs Linux; this is darwin. The userspace stack itself runs anywhere'
  expect(await results(elsewhere)).toEqual([text, text, 0, 3])
})
