// One end of a benchmark, in a process of its own: `end.mjs LIBRARY ROLE [PORT] SECONDS ARGUMENTS`. A server says at which port it is;
// a client, or a server whose figure it is, says what it measured. The driver is ../os.mjs.

const [library, role, port, milliseconds, argument] = process.argv.slice(2)
const { roles } = await import(`./${library}.mjs`)

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
const result = await roles[role]({
  port: Number(port),
  milliseconds: Number(milliseconds),
  argument: argument ?? '',
  listening: (at) => say({ port: at }),
})
if (result !== undefined) say({ result })
process.exit(0)
