// What a user of this machine says to programs by variables and by the mask of rights is not said to those of tests: proxies, colours, a
// language, where our own commands are to run.

import { isMainThread } from 'node:worker_threads'

const SAID =
  /^(?:(?:https?|all|no)_proxy|(?:force|no)_color|posixly_correct|bash_env|columns|lines|lang|lc_\w+|jackfield_(?:on|seed))$/i

/** Characters; the system's own has four. */
const TMPDIR_MAX = 24

for (const name of Object.keys(process.env)) if (SAID.test(name)) delete process.env[name]
// Of the 107 octets that a Unix socket's path may have a folder for temporary files may leave too few.
if ((process.env['TMPDIR'] ?? '').length > TMPDIR_MAX) delete process.env['TMPDIR']
process.env['LC_ALL'] = 'C.UTF-8'
// Bash reads ~/.bashrc where its input is a socket, as Node's pipes are, and no shell is above it: that prints, and has a PATH of its own.
if (!(Number(process.env['SHLVL']) >= 1)) process.env['SHLVL'] = '1'
// Threads have that of their process.
if (isMainThread) process.umask(0o022)
