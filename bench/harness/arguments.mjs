import { parseArgs } from 'node:util'

/**
 * Reads the arguments of a benchmark: `options` as parseArgs takes them, and which of them are numbers, each with the smallest
 * it can be. What is wrong ends the process with status 2 and one line that says what, and what there is.
 */
export function readArguments(program, options, numbers) {
  const fail = (what) => {
    const flags = Object.keys(options).map((name) => `--${name}`)
    process.stderr.write(`${program}: ${what}; it has ${flags.join(', ')}\n`)
    process.exit(2)
  }
  let values
  try {
    values = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    fail(error.message.split(/[.\n] ?/)[0])
  }
  if (values.help) {
    process.stdout.write(
      `${program}: the options are ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}\n`,
    )
    process.exit(0)
  }
  for (const [name, { smallest, whole }] of Object.entries(numbers)) {
    const text = values[name]
    const value = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && value >= smallest && (!whole || Number.isInteger(value))) values[name] = value
    else
      fail(`--${name} must be a ${whole ? 'whole number' : 'number'} from ${smallest} on, got ${JSON.stringify(text)}`)
  }
  return values
}

/** Ends the process with one line where it cannot measure: on another system, or without the right to make a network. */
export function requireRoot(program) {
  if (process.platform === 'linux' && process.getuid() === 0) return
  process.stderr.write(`${program}: it makes a network namespace, for which it must run as root on Linux\n`)
  process.exit(1)
}
