import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'

function git(root, ...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args[0]}: ${stderr.trim()}`)
  return stdout.trim()
}

/** Another commit, built in a worktree of its own with this one's node_modules. `close` takes it away again. */
export function openCommit(root, commit) {
  const name = git(root, 'rev-parse', '--short=10', '--verify', `${commit}^{commit}`)
  const folder = join(mkdtempSync(join(tmpdir(), 'jackfield-commit-')), 'tree')
  const close = () => {
    spawnSync('git', ['worktree', 'remove', '--force', folder], { cwd: root })
    rmSync(join(folder, '..'), { recursive: true, force: true })
  }
  try {
    git(root, 'worktree', 'add', '--detach', folder, name)
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    build(folder)
  } catch (error) {
    close()
    throw error
  }
  return { name: `commit ${name}`, dist: join(folder, 'dist'), close }
}

/** The figure with nobody beside us but ourselves, of that commit. It has no goals but to be no worse. */
export function against(figure, { name, dist }) {
  const { floor, aim, ...rest } = figure
  return { ...rest, theirs: { [name]: { ...figure.ours, dist } } }
}
