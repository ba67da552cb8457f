// Runs tests of one copy of the project for proof.mjs, one after the other, as they are asked for: { file, pattern, changed }. The server
// that compiles stays, and compiles again what was changed alone; the tests have a thread of their own each time, so that nothing of a run
// is left for the next. The answer says how each test ended, what kept the file from being read, and whether it took all memory that
// there is: { tests: [{ name, state, errors }], broken, outOfMemory }.
import { join } from 'node:path'
import { createVitest } from 'vitest/node'

const root = process.argv[2]
let tests = []
let broken = []

const vitest = await createVitest('test', {
  root,
  config: join(root, 'vitest.config.ts'),
  project: ['source'],
  watch: false,
  // A third less than a process: these tests have none of the machine's.
  pool: 'threads',
  maxWorkers: 1,
  reporters: [
    {
      onTestCaseResult(test) {
        const { state, errors = [] } = test.result()
        if (state === 'skipped') return
        // As what the pattern of a title is compared with.
        const name = test.fullName.replaceAll(' > ', ' ')
        tests.push({ name, state, errors: errors.map((error) => `${error.name}: ${error.message}`) })
      },
      onTestModuleEnd(module) {
        broken.push(...module.errors().map(({ message }) => message))
      },
    },
  ],
})
const specifications = await vitest.globTestSpecifications()

process.on('message', async ({ file, pattern, changed }) => {
  tests = []
  broken = []
  for (const path of changed) vitest.invalidateFile(path)
  vitest.setGlobalTestNamePattern(new RegExp(pattern))
  const path = join(root, file)
  const { unhandledErrors } = await vitest.runTestSpecifications(
    specifications.filter(({ moduleId }) => moduleId === path),
  )
  const outOfMemory = unhandledErrors.some(({ cause }) => cause?.code === 'ERR_WORKER_OUT_OF_MEMORY')
  process.send({ tests, broken, outOfMemory })
})
process.on('disconnect', () => process.exit())
process.send('ready')
