// Whole programs, each a file of `scripts`: what a process writes, how it ends, and what it says of an error that nobody caught, plainly
// and with --import jackfield/register. A script whose first line says "over os" is not asked to do the same over a stack.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const register = new URL('../../dist/drop-in/register.js', import.meta.url).href
const folder = fileURLToPath(new URL('scripts', import.meta.url))
// Node begins a program of CommonJS in another way where there is anything to be imported before.
const NOTHING = 'data:text/javascript,'

interface Ending {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script; `on` is JACKFIELD_ON, null for a plain Node. */
async function run(script: string, on: string | null): Promise<Ending> {
  const env: NodeJS.ProcessEnv = { ...process.env, JACKFIELD_ON: on ?? '' }
  const child = spawn(process.execPath, ['--import', on === null ? NOTHING : register, `${folder}/${script}`], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [status, signal] = await once(child, 'close')
  return { status, signal, stdout: comparable(stdout), stderr: comparable(withoutPlaces(stderr)) }
}

/** Ports that the system chose are numbered in the order in which they turn up. */
function comparable(text: string): string {
  const ports = new Map<string, string>()
  return text.replace(/\b(3[2-9]\d{3}|[45]\d{4}|6[0-4]\d{3})\b/g, (port) => {
    if (!ports.has(port)) ports.set(port, `port ${ports.size + 1}`)
    return ports.get(port) as string
  })
}

/** An uncaught error without the line of source that threw it, and without the frames of its stack. */
function withoutPlaces(text: string): string {
  return text
    .replace(/^(node:|file:|\/).*:\d+\n.*\n\s*\^+\n/gm, '')
    .replace(/^( {4}at .*?(\{?)\n)+/gm, '    at$2\n')
    .replace(/^\(node:\d+\)/gm, '(node)')
}

describe.each(readdirSync(folder).filter((name) => /\.[cm]js$/.test(name)))('%s', (script) => {
  const [first] = readFileSync(`${folder}/${script}`, 'utf8').split('\n', 1)
  it.each(first?.includes('over os') ? ['os'] : ['os', 'userspace'])('ends as it does plainly, over %s', async (on) => {
    const [plain, ours] = await Promise.all([run(script, null), run(script, on)])
    expect(ours).toEqual(plain)
  })
})

it('a worker of cluster has a stack of its own, and says so', async () => {
  const { status, stdout, stderr } = await run('cluster-lives.cjs', 'userspace')
  expect(status).toBe(0)
  expect(stdout).toContain("a server at all addresses [ '::,IPv6', 'listening 4' ] 0 null")
  expect(stderr).toMatch(/JackfieldWarning: worker \d+ of cluster listens on a stack of its own/)
})
