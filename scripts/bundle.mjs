// The JavaScript of dist/. Node takes half a millisecond and more to find, read and link a module: 400 of them made 200 ms of
// `import 'jackfield'`, and the four that it is now make 32. Nothing is minified: stack traces are read, and source maps lead to src/.
import { readdirSync } from 'node:fs'
import { basename, isAbsolute, join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'

/** What is loaded by its path: the public entries, the command, what Node loads into a program that is traced. */
const ENTRIES = [
  'index',
  'os/index',
  'adapters/node',
  'adapters/web',
  'services/names/index',
  'services/dhcp/index',
  'drill/index',
  'sim/index',
  'drop-in/net',
  'drop-in/net-promises',
  'drop-in/dgram',
  'drop-in/register',
  'drop-in/web',
  'drop-in/open-os',
  'drop-in/open-loopback',
  'drop-in/open-place',
  'cli/main',
  'cli/trace/preload',
  'cli/trace/strip-types',
]

/** Not public: what tests and measurements in plain JavaScript reach into. */
const INSIDES = ['base/checksum', 'os/libc', 'os/network-namespace', 'tcp/config']

/** Programs of src/cli/programs that run as a process or a thread of their own: to import one is to run it. */
const RUN = ['blocking-process', 'blocking-thread', 'stack-thread', 'upper-process'].map(
  (name) => `cli/programs/${name}`,
)

/**
 * What lies in one file together, since it is loaded together: rooms, and files out of other rooms. The first that names a module
 * has it. None imports from one below it, but for the command's: so all are evaluated in the order of their sources.
 */
const CHUNKS = {
  'chunks/socket': [
    'base/',
    'socket/',
    'platform/real-clock',
    'platform/secure-random',
    // For netstat of other systems, which needs no stack.
    'stack/netstat-text',
    'services/names/service-table',
    // What names and DHCP have in common.
    'services/serve-datagrams',
  ],
  'chunks/device': ['wire/', 'device/', 'platform/hardware-address'],
  'chunks/stack': ['unix/', 'tcp/', 'stack/', 'platform/stack', 'platform/switch', 'index'],
  // Beside the names, which bring a codec with them.
  'chunks/dhcp': ['services/dhcp/'],
  'chunks/services': ['services/'],
  'chunks/drill': ['drill/'],
  'chunks/sim': ['sim/'],
  // What is above runs in browsers too; from here on Node's own modules are imported.
  'chunks/adapters': ['adapters/byte-stream', 'adapters/node-tls', 'adapters/send-file', 'adapters/system-names'],
  'chunks/node-modules': [
    'adapters/net/',
    'adapters/dgram/',
    'adapters/handle/',
    'adapters/callable',
    // It reads into the same room as they do.
    'adapters/duplex',
    'adapters/descriptor-type',
    'adapters/node-argument',
    'adapters/node-error',
    'adapters/node-version',
  ],
  // Beside the entries that it loads by their path.
  'drop-in/provider': ['drop-in/provider-of-environment', 'drop-in/provider-or-exit', 'drop-in/deferred-provider'],
  'chunks/os': ['os/', '!os/index', 'platform/shown-folder', 'platform/private-server', 'platform/snapshot-server'],
  'chunks/platform': ['platform/', 'os/index'],
  // What the command itself needs, and what several subcommands share.
  'cli/usage': ['usage-error', 'where-example'],
  'cli/start': ['commands', 'examples', 'explain', 'file-failure', 'option-description', 'report', 'standard-output'],
  'cli/flags': ['seconds', 'trace-option', 'until-signal', 'whole-number', 'trace/trace-settings'],
  'cli/host': [
    'bind-or-tell',
    'host',
    'link-address',
    'names-option',
    'open-host',
    'option-values',
    'os-host',
    'ready-host',
    'where',
    'ping/ping-echo',
  ],
  'cli/programs/shared': ['programs/'],
}

/** Rooms that a page's bundler takes apart. */
const PAGES = /^(base|socket|wire|device|unix|tcp|stack|platform)\//
/** A constant of a module that is made by a call. */
const MADE = /^((?:export )?const \w+(?:: [^=\n]+)? = )(?=new \w|[A-Za-z]\w*(?:\.\w+)?\()/gm

/**
 * package.json says that no module does anything but what its exports are used for; where many lie in one file, each constant has to say so of
 * itself, or a page loads the scratch objects of all: 4 KiB of 104 with gzip.
 */
const withoutEffects = (pathOf) => ({
  name: 'without-effects',
  transform: (code, id) =>
    PAGES.test(pathOf(id)) ? { code: code.replace(MADE, '$1/* @__PURE__ */ '), map: null } : null,
})

/** Writes the JavaScript of the folder `src` into another of the same depth. */
export async function bundle(src, folder) {
  const programs = readdirSync(join(src, 'cli/programs')).map((name) => `cli/programs/${basename(name, '.ts')}`)
  const names = [...ENTRIES, ...INSIDES, ...programs]
  const groups = Object.entries(CHUNKS).map(([name, parts]) => ({
    name,
    test: (id) => holds(name, parts, pathOf(id)),
  }))
  const pathOf = (id) => relative(src, id).split(sep).join('/')
  const build = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(src, `${name}.ts`)])),
    platform: 'neutral',
    plugins: [withoutEffects(pathOf)],
    // Packages stay packages.
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    tsconfig: join(src, '../tsconfig.json'),
  })
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    // A subcommand lies where its source does: it finds what it starts by its own path.
    chunkFileNames: ({ facadeModuleId, name }) => {
      if (facadeModuleId) return pathOf(facadeModuleId).replace(/ts$/, 'js')
      return name in CHUNKS ? `${name}.js` : `chunks/${name}.js`
    },
    // The declarations have the documentation.
    comments: { jsdoc: false, annotation: true, legal: true },
    minifyInternalExports: false,
    codeSplitting: { groups },
  })
  await build.close()
  return output
}

/** A part that ends in a slash is a folder of modules, but for those with a "!"; others are one. Those of the command lie in its folder. */
function holds(chunk, parts, path) {
  const module = path.replace(/\.ts$/, '')
  if (RUN.includes(module) || parts.includes(`!${module}`)) return false
  const room = chunk.startsWith('cli/') ? 'cli/' : ''
  return parts.some((part) => (part.endsWith('/') ? module.startsWith(room + part) : module === room + part))
}
