/** See lab-commands.mjs. */
export function bundleCommands(): Promise<string>
