/**
 * The names of C with the numbers of Linux, all exported by `jackfield`.
 *
 * @module
 */

export * from '../../../src/base/constants.ts'
export * from '../../../src/base/constants-control.ts'
export * from '../../../src/base/constants-link.ts'
export * from '../../../src/base/constants-options.ts'
export * from '../../../src/base/errno.ts'
