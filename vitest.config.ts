import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const soaks = process.env['JACKFIELD_SOAK'] === '1'

/** What npm test leaves to npm run soak, as a whole. */
const left = soaks ? [] : ['**/*.soak.test.ts']

const shared = {
  // A process for each file: TAP devices hang on libuv's default loop, which is another thread's loop in a worker.
  pool: 'forks',
  // Ten times as much takes half a minute where all processors are ours.
  testTimeout: soaks ? 240_000 : 60_000,
  hookTimeout: soaks ? 240_000 : 60_000,
  // What a page or a program has to come to takes as long as it takes on a busy machine.
  expect: { poll: { timeout: soaks ? 120_000 : 50_000 } },
  setupFiles: ['test/octets-equal.setup.ts', 'test/runtime-folder.setup.ts', 'test/environment.setup.ts'],
} as const

// What runs the command, the package as it is published, or plain Node needs dist/. What counts the sockets of a process is here too: it
// has one of its own.
const built = [
  'test/adapters/send-file.test.ts',
  // Connections that are kept for the next request are left open.
  'test/adapters/http/*.test.ts',
  'test/bench/smoke.soak.test.ts',
  'test/lab/*.soak.test.ts',
  'test/os/**/*.test.ts',
  'test/platform/**/*.test.ts',
  'test/drop-in/{register,dgram/life,net/exit}.test.ts',
  'test/{package,size}.test.ts',
  'test/docs/pages.test.ts',
  'test/sim/worlds.soak.test.ts',
]

// What runs dist/ too, and looks at nothing of its own process: programs in a network of theirs. Such files may share one, as those of the
// sources do.
const running = [
  'test/cli/{command,demo,demo-os,lab}.test.ts',
  'test/drill/command.test.ts',
  'test/ecosystem/*.test.ts',
  'test/examples/**/*.test.ts',
  'test/interop/**/*.test.ts',
  'test/readme.test.ts',
]

export default defineConfig({
  test: {
    // Tests against programs of the machine mostly wait, each in a namespace of its own: on two processors one worker, the default,
    // would take three times as long. Six keep both busy (96 % of the time, 320 s; four 87 %, 347 s).
    maxWorkers: Math.max(6, availableParallelism()),
    projects: [
      // Files share processes, and what they import: nothing of the core keeps state in modules. It takes half the time.
      {
        test: {
          ...shared,
          name: 'source',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...built, ...running, ...left, '**/node_modules/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'running',
          isolate: false,
          include: running,
          exclude: [...left, '**/node_modules/**'],
          globalSetup: 'test/build.setup.ts',
        },
      },
      {
        test: {
          ...shared,
          name: 'built',
          include: built,
          exclude: [...left, '**/node_modules/**'],
          globalSetup: 'test/build.setup.ts',
        },
      },
    ],
  },
})
