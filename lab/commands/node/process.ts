// `node:process` of a command: what the run hands over by its free name.

import type { CommandProcess } from '../../engine/command-machine.ts'

declare const process: CommandProcess

export const { argv, env, platform, stdout, stderr, stdin } = process
export const execArgv: readonly string[] = []
export const versions: Readonly<Record<string, string>> = {}
export const exit = (status?: number) => process.exit(status)
