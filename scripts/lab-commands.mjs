// The commands of src/cli as one text that a host of the lab runs: what is of Node or of the operating system is another module there.
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const commands = join(root, 'lab/commands')

/** Modules in whose place one of the same name in lab/commands is. */
const REPLACED = [
  'cli/open-host.ts',
  'cli/os-host.ts',
  'cli/link-names.ts',
  'cli/nc/unix.ts',
  'cli/dig/dig-https.ts',
  'cli/netstat/sections.ts',
  'cli/netstat/netstat-text.ts',
  'platform/private-server.ts',
].map((path) => join(root, 'src', path))

/** The name by which a page's bundler imports the text. */
const VIRTUAL = 'virtual:lab-commands'

/** The body of a function whose free names are those of lab/engine/command-machine.ts. It does what `process.argv` says, and exits. */
export async function bundleCommands() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const build = await rolldown({
    input: join(commands, 'main.ts'),
    platform: 'neutral',
    cwd: root,
    resolve: { mainFields: ['module', 'main'] },
    transform: {
      target: 'es2022',
      define: { VERSION: JSON.stringify(version) },
      inject: { Buffer: [join(commands, 'buffer.ts'), 'Buffer'] },
    },
    plugins: [{ name: 'lab-commands', resolveId }],
  })
  const { output } = await build.generate({ format: 'iife', minify: true, comments: false, codeSplitting: false })
  await build.close()
  return output[0].code
}

function resolveId(id, importer) {
  if (id.startsWith('node:')) {
    const path = join(commands, 'node', `${id.slice('node:'.length).replaceAll('/', '-')}.ts`)
    if (existsSync(path)) return path
    throw new Error(`${importer} imports ${id}: a host of the lab has nothing in its place, ${path} would be it`)
  }
  if (importer === undefined || !id.startsWith('.') || importer.startsWith(commands)) return null
  const path = join(dirname(importer), id)
  return REPLACED.includes(path) ? join(commands, basename(path)) : null
}

/** For Vite: `import text from 'virtual:lab-commands'`. */
export function labCommands() {
  return {
    name: 'lab-commands',
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : null),
    load: async (id) => (id === `\0${VIRTUAL}` ? `export default ${JSON.stringify(await bundleCommands())}` : null),
  }
}
