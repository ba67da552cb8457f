/** See lab-commands.mjs. */
export function bundleCommands(): Promise<string>

export function labCommands(): {
  readonly name: string
  readonly resolveId: (id: string) => string | null
  readonly load: (id: string) => Promise<string | null>
}
