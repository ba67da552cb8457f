import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const worlds = fileURLToPath(new URL('worlds/run.mjs', import.meta.url))

test('worlds of fixed seeds: all that is sent arrives or an error is told, and nothing is left', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [worlds, '--count', '20', '--jobs', '1'], {
    encoding: 'utf8',
    timeout: 200_000,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^20 worlds from seed 1 in [\d.]+ s: \d{3,} talks, ended by errors: /)
})

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'worlds that are interrupted by %s leave no process behind',
  async (signal) => {
    const runner = spawn(process.execPath, [worlds, '--count', '500', '--jobs', '2'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Each of the three processes says that it is there, and two how they have ended.
      env: {
        ...process.env,
        NODE_OPTIONS:
          '--import=data:text/javascript,process.stderr.write(`!`);process.on(`exit`,(status)=>process.stderr.write(String(status)))',
      },
    })
    const ended = once(runner, 'exit')
    let said = ''
    for await (const text of runner.stderr.setEncoding('utf8')) {
      said += text
      if (said === '!!!') runner.kill(signal)
    }
    expect(said).toBe('!!!11')
    expect(await ended).toEqual([null, signal])
  },
)
