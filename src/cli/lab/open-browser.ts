import { spawn } from 'node:child_process'

/** Milliseconds after which a program that opens addresses is taken to have done so. */
const PATIENCE = 5000

/** What opens an address here; null where there is no screen. */
export function opener(platform: string, env: NodeJS.ProcessEnv): readonly [string, ...string[]] | null {
  if (platform === 'darwin') return ['open']
  // "start" is the shell's, and takes its first quoted word for a title.
  if (platform === 'win32') return ['cmd', '/c', 'start', '""']
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : null
}

/** Has a browser open an address. Resolves with why it could not be; '' where it was. */
export function openBrowser([program, ...words]: readonly [string, ...string[]], url: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true })
    const done = (fault: string) => {
      clearTimeout(alarm)
      child.unref()
      resolve(fault)
    }
    const alarm = setTimeout(() => done(''), PATIENCE)
    child.once('error', ({ code }: NodeJS.ErrnoException) => {
      done(code === 'ENOENT' ? `there is no ${program}` : `${program} cannot be run (${code})`)
    })
    child.once('exit', (status) => done(status === 0 ? '' : `${program} has failed with status ${status}`))
  })
}
