import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

const entry = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)

/** Runs a program on the package in plain Node, which has to end by itself. */
function program(body: string): { status: number | null; stdout: string; stderr: string } {
  const script = `
    import { AF_INET, Cable, Socket, SOCK_STREAM, Stack } from ${entry}
    const say = (text) => process.stdout.write(text + '\\n')
    const { left, right } = new Cable()
    const server = new Stack()
    const client = new Stack()
    server.attach(left, { address: '10.0.0.1/24' })
    client.attach(right, { address: '10.0.0.2/24' })
    const listener = new Socket(server, AF_INET, SOCK_STREAM)
    listener.bind({ address: '', port: 80 })
    listener.listen()
    ${body}
  `
  const args = ['--input-type=module', '-e', script]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })
  return { status, stdout, stderr }
}

describe('a program on the real clock ends by itself', () => {
  test('stacks that were left behind, one with a socket that listens', () => {
    expect(program('')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('a conversation, closed in order: not held up by TIME-WAIT', () => {
    const { status, stdout } = program(`
      const socket = new Socket(client, AF_INET, SOCK_STREAM)
      const [peer] = await Promise.all([listener.accept(), socket.connect({ address: '10.0.0.1', port: 80 })])
      await socket.send(new TextEncoder().encode('hello'))
      const bytes = new Uint8Array(100)
      say(new TextDecoder().decode(bytes.subarray(0, await peer.recv(bytes))))
      await socket.close()
      say(String(await peer.recv(bytes)))
      await peer.close()
      await listener.close()
    `)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hello\n0\n' })
  })

  test('one that waits until its IPv6 addresses are its own waits that out', () => {
    const { status, stdout } = program(`
      await listener.close()
      const link = new Stack().attach(new Cable().left, { address: '2001:db8::1/64' })
      say(String(await link.settled()))
    `)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'true\n' })
  })

  test('one that waits for a time limit waits it out', () => {
    const { status, stdout } = program(`
      await listener.accept({ timeout: 300 }).catch((error) => say(error.code))
      await listener.close()
    `)
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'EAGAIN\n' })
  })

  test('one that waits for a retransmission gets it', () => {
    const { status, stdout } = program(`
      let dropped = 0
      const { transmit } = right
      right.transmit = (bytes, start, end, offload) => {
        // The first SYN is lost: 60 octets of TCP and IP behind the Ethernet header.
        if (end - start >= 14 + 40 && dropped++ === 0) return true
        return transmit.call(right, bytes, start, end, offload)
      }
      const socket = new Socket(client, AF_INET, SOCK_STREAM)
      await socket.connect({ address: '10.0.0.1', port: 80 })
      say('connected after ' + dropped + ' frames')
      await socket.close()
      await listener.close()
    `)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^connected after \d+ frames\n$/)
  })
})
