/**
 * Node's module of the same name on what `JACKFIELD_ON` names: its exports are those of `node:net`, and `netFor`, which makes the module on any provider. `jackfield/net/promises` and `jackfield/dgram` are the same for `node:net/promises` and `node:dgram`.
 *
 * @module
 */

export { netFor } from '../../../src/adapters/node.ts'
