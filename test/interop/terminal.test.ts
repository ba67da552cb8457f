// The commands' windows on a terminal of the kernel's own, which script(1) makes: what they leave there when they end.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace } from './namespace.ts'
import { describeNetwork } from './requirements.ts'
import { COMMAND, STACK } from './served.ts'

const LEFT = '\x1b[?7h\x1b[?25h\x1b[?1049l'

describeNetwork('a window', ['script', 'stty'], () => {
  let namespace: Namespace

  beforeAll(() => {
    namespace = new Namespace()
  })

  afterAll(() => namespace?.close())

  /** What is written on a terminal of 60 columns and 8 rows until `seen` is, and then `keys` are pressed. */
  async function watched(line: string, seen: RegExp, keys: string): Promise<{ text: string; status: number | null }> {
    const inside = `stty cols 60 rows 8; exec ${line}`
    const words = ['netns', 'exec', namespace.name, 'script', '-q', '-e', '-c', inside, '/dev/null']
    const child = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] })
    let text = ''
    let pressed = false
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (!pressed && seen.test(text)) {
        pressed = true
        child.stdin.write(keys)
      }
    })
    const [status] = (await once(child, 'close')) as [number | null]
    return { text, status }
  }

  test('netstat -c is drawn in place, fits, and gives the terminal back at Ctrl-C', async () => {
    const { text, status } = await watched(`${COMMAND} netstat -c .1 -a`, /every 0\.1 s/, '\x03')
    expect(status).toBe(130)
    expect(text).toContain('\x1b[?1049h\x1b[?25l')
    // Where the machine has sockets with long addresses, the first column has made room for them.
    expect(['Proto', 'Local'].some((title) => text.includes(`\x1b[1m${title}`))).toBe(true)
    expect(text.replace(/\^C|\s/g, '').endsWith(LEFT)).toBe(true)
    expect(text).not.toContain('\x1b[9;1H')
  })

  test('NO_COLOR has none, and --plain is as in a pipe', async () => {
    const plain = await watched(`${COMMAND} netstat -c .1 -r --plain`, /Destination[\s\S]*Destination/, '\x03')
    expect(plain.text).not.toContain('\x1b[')
    const grey = await watched(`env NO_COLOR=1 ${COMMAND} netstat -c .1 -a`, /every 0\.1 s/, '\x03')
    expect(grey.text).not.toContain('\x1b[1m')
  })

  test('capture shows who talks with whom, and its summary when the terminal is back', async () => {
    const { text, status } = await watched(
      `${COMMAND} capture --on tap:jf0,${STACK}/24`,
      /jackfield capture {2}jf0/,
      '\x03',
    )
    expect(status).toBe(0)
    expect(text.slice(text.indexOf(LEFT) + LEFT.length)).toMatch(/^0 packets captured, \d+ seen\r\n$/)
  })
})
