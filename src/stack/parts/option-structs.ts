import { ALL_OPTIONS } from '../../socket/all-options.ts'
import type { StackPart } from '../stack-parts.ts'

/** Names of options in errors, and the structs that their values are: without, those take and give the octets that C has. */
export const optionStructs: StackPart = { optionFormat: ALL_OPTIONS }
