// The host that a command runs on, as the run hands it over: a free name of the bundle (scripts/lab-commands.mjs).

import type { CommandMachine } from '../engine/command-machine.ts'

declare const MACHINE: CommandMachine

export const machine: CommandMachine = MACHINE
