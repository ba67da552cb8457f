// What the programs of this folder share: where they are, and how they tell what they found.

/** Where the servers of the machine listen, and where the program itself does. */
export const { PEER, OWN } = process.env

/** Tells what was found, and which handles of Node's own for the network there are. */
export function tell(found) {
  const handles = process.getActiveResourcesInfo().filter((name) => /^(TCP|UDP)/.test(name))
  process.stdout.write(`${JSON.stringify({ ...found, handles })}\n`)
}

/** Says that servers listen; SIGTERM ends them, and with them the program. */
export function ready(end) {
  process.once('SIGTERM', end)
  process.stdout.write('ready\n')
}
