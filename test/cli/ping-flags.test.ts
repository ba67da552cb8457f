import { expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { shapedInput } from '../../src/cli/nc/shaped-input.ts'
import { describeNetwork } from '../interop/requirements.ts'

/** What ping prints in this process, pinging the operating system's loopback. */
async function ping(...args: readonly string[]): Promise<string> {
  const write = process.stdout.write
  const before = process.exitCode
  let printed = ''
  process.stdout.write = ((text: string) => {
    printed += text
    return true
  }) as typeof write
  try {
    const words = ['ping', ...args, '127.0.0.1']
    await (await commandFor(words, '1.2.3')).parseAsync(words, { from: 'user' })
    expect(process.exitCode).toBe(0)
    return printed
  } finally {
    process.stdout.write = write
    process.exitCode = before
  }
}

describeNetwork('ping', [], () => {
  test('--json: a line for each answer, and the figures', async () => {
    const lines = (await ping('-c', '2', '-l', '2', '--json')).trimEnd().split('\n')
    const [first, second, figures] = lines.map((line) => JSON.parse(line))
    expect(lines).toHaveLength(3)
    expect(first).toEqual({
      sequence: 1,
      from: '127.0.0.1',
      octets: 64,
      ttl: 64,
      time: expect.any(Number),
      duplicate: false,
    })
    expect(second.sequence).toBe(2)
    expect(figures).toMatchObject({ target: '127.0.0.1', transmitted: 2, received: 2, duplicates: 0, errors: 0 })
    expect(figures.rtt.min).toBeLessThanOrEqual(figures.rtt.avg)
  })

  test('-p fills requests as iputils does, -D stamps lines, -A does not wait where there is an answer, -a rings', async () => {
    const printed = await ping('-c', '2', '-A', '-i', '60', '-p', 'ff0', '-D', '-a', '-Q', '0x10')
    expect(printed).toMatch(/^PATTERN: 0xff00\nPING 127\.0\.0\.1 /)
    const answers = printed.split('\n').filter((line) => line.includes('icmp_seq='))
    expect(answers).toHaveLength(2)
    // An answer with other octets would be told of as damaged.
    for (const line of answers) {
      expect(line).toMatch(/^\[\d{10}\.\d{6}\] 64 bytes from .* ms.$/)
      expect(line.charCodeAt(line.length - 1)).toBe(7)
    }
  })
})

test('nc -C: lines end with CR LF, those that do so already as well; pieces that end amid one', async () => {
  const encode = (text: string) => new TextEncoder().encode(text)
  async function* typed() {
    yield encode('a\nb\r\nc\r')
    yield encode('\nd')
  }
  let sent = ''
  for await (const piece of shapedInput(typed(), { crlf: true, interval: 0 })) sent += new TextDecoder().decode(piece)
  expect(sent).toBe('a\r\nb\r\nc\r\nd')
})

test('nc -i: a line at a time', async () => {
  async function* typed() {
    yield new TextEncoder().encode('a\nb\nc')
  }
  const pieces: string[] = []
  for await (const piece of shapedInput(typed(), { crlf: false, interval: 1 }))
    pieces.push(new TextDecoder().decode(piece))
  expect(pieces).toEqual(['a\n', 'b\n', 'c'])
})
