// npm run bench -- NAME [arguments]: one of the benchmarks beside this file. Without a name it says which there are.

import { readdirSync } from 'node:fs'

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => /^(?!run|arguments|budget).*\.mjs$/.test(file))
  .map((file) => file.replace('.mjs', ''))
const [name, ...rest] = process.argv.slice(2)
if (name === '--help' || name === '-h') {
  process.stdout.write(`npm run bench -- NAME [--help]; there are ${names.join(', ')}\n`)
  process.exit(0)
}
if (!names.includes(name)) {
  process.stderr.write(`bench: ${name ? `no benchmark '${name}'` : 'which?'}; there are ${names.join(', ')}\n`)
  process.exit(2)
}
process.argv.splice(1, process.argv.length - 1, `bench/${name}.mjs`, ...rest)
await import(`./${name}.mjs`)
