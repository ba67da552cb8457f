// What the machine knows getent(1) knows, whatever that is.

import { spawnSync } from 'node:child_process'
import { hostname, networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { machineNames, systemNames } from '../../src/adapters/system-names.ts'
import { AF_INET, AF_INET6, SOCK_STREAM } from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { os } from '../../src/os/operating-system.ts'
import type { AddressInfo } from '../../src/services/names/address-info.ts'
import { AddressInfoError, NI_NAMEREQD } from '../../src/services/names/netdb.ts'
import { Socket } from '../../src/socket/socket.ts'

const names = systemNames(os)

describe('getaddrinfo(3) of the machine', () => {
  test("the machine's own name has the addresses that getent(1) knows", async () => {
    const { stdout } = spawnSync('getent', ['ahosts', hostname()], { encoding: 'utf8' })
    const known = stdout.split('\n').filter((line) => line !== '')
    const found = await names.getaddrinfo(hostname(), 'http', { socketType: SOCK_STREAM }).catch((error) => error)
    if (known.length === 0) expect(found).toMatchObject({ code: 'EAI_NONAME' })
    else {
      const addresses = new Set(known.map((line) => line.split(/\s+/)[0]))
      expect(new Set((found as AddressInfo[]).map(({ address }) => address.address))).toEqual(addresses)
      expect((found as AddressInfo[]).every(({ address }) => address.port === 80)).toBe(true)
    }
  })

  test.each([
    [AF_INET, '127.0.0.1'],
    [AF_INET6, '::1'],
  ])('of family %i alone: %s', async (family, text) => {
    const found = await names.getaddrinfo(text, 7, { family, socketType: SOCK_STREAM })
    expect(found.map(({ address }) => address.toString())).toEqual([family === AF_INET ? `${text}:7` : `[${text}]:7`])
    const named = await names.getaddrinfo('localhost', 7, { family, socketType: SOCK_STREAM })
    expect(named.every((one) => one.family === family)).toBe(true)
  })

  test('a name that nobody has is EAI_NONAME, and its cause is what Node says', async () => {
    const error = await names.getaddrinfo('nowhere.invalid').catch((reason) => reason)
    expect(error).toBeInstanceOf(AddressInfoError)
    expect(error).toMatchObject({ hostname: 'nowhere.invalid', cause: { hostname: 'nowhere.invalid' } })
    // A machine's server that says nothing in time is EAI_AGAIN with either.
    const codes: Readonly<Record<string, string>> = { ENOTFOUND: 'EAI_NONAME', EAI_AGAIN: 'EAI_AGAIN' }
    expect(error.code).toBe(codes[error.cause.code])
  })

  test('a signal that is aborted ends the wait', async () => {
    const stop = new AbortController()
    const work = names.getaddrinfo('nowhere.invalid', null, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(work).rejects.toThrow('enough')
    await expect(machineNames.lookup('localhost', { v4: true, v6: true }, { signal: stop.signal })).rejects.toThrow()
  })

  test('connects to a service by its name', async () => {
    const listener = new Socket(os, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 0 })
    listener.listen()
    const socket = await names.connect('localhost', listener.getsockname().port)
    expect(socket.getpeername().toString()).toBe(listener.getsockname().toString())
    await socket.close()
    await listener.close()
  })

  test('a link-local address names its interface as the kernel does', async () => {
    const [name] = Object.keys(networkInterfaces()) as [string]
    const index = os.interfaceIndex(name)
    expect(index).toBeGreaterThan(0)
    expect(os.interfaceName(index)).toBe(name)
    const [found] = await names.getaddrinfo(`fe80::1%${name}`, 7, { socketType: SOCK_STREAM })
    expect(found?.address.scopeId).toBe(index)
    expect((await names.getnameinfo(found?.address as SocketAddress)).node).toBe(`fe80::1%${name}`)
  })

  test('an interface that is not there has no number and no name', () => {
    expect(os.interfaceIndex('no-such-thing')).toBe(0)
    expect(os.interfaceName(0x7ffffff0)).toBeNull()
  })
})

describe('getnameinfo(3) of the machine', () => {
  test('the loopback is localhost', async () => {
    const { node, service } = await names.getnameinfo(SocketAddress.internet('127.0.0.1', 80))
    expect({ node, service }).toEqual({ node: 'localhost', service: 'http' })
  })

  test('an address without a name is its figures, or EAI_NONAME where a name is needed', async () => {
    const address = SocketAddress.internet('192.0.2.99', 80)
    expect((await names.getnameinfo(address)).node).toBe('192.0.2.99')
    await expect(names.getnameinfo(address, NI_NAMEREQD)).rejects.toMatchObject({ code: 'EAI_NONAME' })
  })
})
