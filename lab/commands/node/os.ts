import { machine } from '../machine.ts'

export const hostname = (): string => machine.name
/** Commands that ask for interfaces find them by their host. */
export const networkInterfaces = (): Readonly<Record<string, never>> => ({})
/** What kind of system it is: uname(1). */
export const type = (): string => 'jackfield'
export const release = (): string => 'lab'
export const version = (): string => machine.name
