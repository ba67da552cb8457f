// node --import jackfield/register: programs that know nothing of Jackfield, run plainly and run with it. What they tell is the same;
// but for whose the ports are that they listen at.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const register = new URL('../../dist/drop-in/register.js', import.meta.url).href
const folder = fileURLToPath(new URL('registered', import.meta.url))
const SUBJECTS = ['http', 'https', 'tls', 'http2', 'fetch', 'net', 'dgram', 'pipes'] as const

interface Whose {
  readonly kernel: boolean
  readonly handles: readonly string[]
}

/** Runs a program; `on` is JACKFIELD_ON, null for a plain Node. */
function run(args: readonly string[], on: string | null) {
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_EXTRA_CA_CERTS: `${folder}/certificate.pem` }
  delete env['JACKFIELD_ON']
  if (on !== null && on !== '') env['JACKFIELD_ON'] = on
  const before = on === null ? [] : ['--import', register]
  return spawnSync(process.execPath, [...before, ...args], { encoding: 'utf8', env, input: 'input\n', timeout: 55_000 })
}

/** What the program found, and apart from that whose its ports were. */
function found(args: readonly string[], on: string | null): { same: unknown; whose: Whose[] } {
  const { status, stdout, stderr } = run(args, on)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const whose: Whose[] = []
  const same = JSON.parse(stdout, (name, value) => {
    if (!name.startsWith('whose')) return value
    whose.push(value)
    return undefined
  })
  return { same, whose }
}

describe.each(SUBJECTS)('%s', (subject) => {
  test.each(['program.mjs', 'program.cjs'])('%s does over both what it does without', (name) => {
    const program = [`${folder}/${name}`, subject]
    const plain = found(program, null)
    for (const on of ['os', 'userspace']) {
      const ours = found(program, on)
      expect({ on, ...(ours.same as object) }).toEqual({ on, ...(plain.same as object) })
      expect(ours.whose.length).toBe(plain.whose.length)
      // A port of the kernel's is one of its tables; no handle of Node's own has it.
      for (const one of ours.whose) expect(one).toEqual({ kernel: on === 'os', handles: [] })
    }
    for (const one of plain.whose) expect(one).toMatchObject({ kernel: true })
  })
})

describe('JACKFIELD_ON', () => {
  const begun = ['-e', 'console.log("begun")']

  test('left out or empty it is os', () => {
    for (const on of ['', 'os', ' userspace ']) expect(run(begun, on)).toMatchObject({ status: 0, stdout: 'begun\n' })
  })

  test.each([
    ['nowhere', 'JACKFIELD_ON "nowhere" must begin with tap:NAME or tun:NAME, or be os or userspace (tap:NAME,ADDRESS'],
    ['tap:jf0', 'JACKFIELD_ON "tap:jf0" gives the stack no address'],
    [
      'tap:jf0,10.9.0.2/24,impair=loss=x',
      'JACKFIELD_ON impair= "loss=x": impairment loss must have a number, got \'x\'',
    ],
  ])('%s: one line, 2, and the program has not begun', (on, text) => {
    const { status, stdout, stderr } = run(begun, on)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr.startsWith(`jackfield: ${text}`)).toBe(true)
  })

  test.each(['net', 'dgram'])('jackfield/%s says the same, by import and by require()', (name) => {
    const module = new URL(`../../dist/drop-in/${name}.js`, import.meta.url)
    const begun = 'console.log("begun")'
    const required = ['-e', `require(${JSON.stringify(fileURLToPath(module))}); ${begun}`]
    const imported = ['--input-type=module', '-e', `import '${module.href}'; ${begun}`]
    for (const args of [required, imported]) {
      const env = { ...process.env, JACKFIELD_ON: 'nowhere' }
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
      expect(stderr).toMatch(/^jackfield: JACKFIELD_ON "nowhere" must begin with [^\n]+\n$/)
    }
  })

  test('a device that cannot be opened is told by the first call that needs it', () => {
    const listen = [
      '-e',
      'try { require("net").createServer().listen(0) } catch (error) { console.log(error.message) }',
    ]
    const { stdout } = run(listen, `tap:${'n'.repeat(40)},10.9.0.2/24`)
    expect(stdout).toMatch(/^JACKFIELD_ON tap:n{40}: /)
  })
})
