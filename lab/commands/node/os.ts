import { machine } from '../machine.ts'

export const hostname = (): string => machine.name
/** Commands that ask for interfaces find them by their host. */
export const networkInterfaces = (): Readonly<Record<string, never>> => ({})
