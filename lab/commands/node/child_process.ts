// A host of the lab runs nothing but what its terminal is told to.

export function spawn(command: string): never {
  throw new Error(`${command} cannot be run on a host of the lab`)
}
