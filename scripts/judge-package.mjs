// The package as two programs see it that know what goes wrong with packages: publint, and are-the-types-wrong for a package of ES
// modules alone. Prints what they find in the tarball of `npm pack` that is named, a line each; the status is 1 where it is anything.
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** What such a package does not have: resolution without `exports`, and declarations of CommonJS. */
const NOT_OURS = ['node10', 'node16-cjs']

/** It looks through the names of all files each time, to say whether a folder is there: half of what it takes. */
function withKnownFolders(pkg) {
  const folders = new Set()
  for (const file of pkg.listFiles()) {
    for (let folder = posix.dirname(file); !folders.has(folder); folder = posix.dirname(folder)) folders.add(folder)
  }
  pkg.directoryExists = (path) => folders.has(posix.resolve('/', path))
  return pkg
}

const tarball = new Uint8Array(readFileSync(process.argv[2]))
const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, level: 'suggestion', strict: true })
const found = messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`)
const {
  types,
  problems = [],
  entrypoints,
} = await checkPackage(withKnownFolders(createPackageFromTarballData(tarball)))
if (types === false) found.push('are-the-types-wrong: there are no types')
for (const problem of problems) {
  if (!NOT_OURS.includes(problem.resolutionKind)) found.push(`are-the-types-wrong: ${JSON.stringify(problem)}`)
}
for (const line of found) console.log(line)
if (found.length === 0) console.log(`nothing is wrong with ${Object.keys(entrypoints).join(', ')}`)
else process.exitCode = 1
