// Read first: "Function.prototype.call", util.inherits in Node's manual. The constructors of Node's old modules are functions: they work
// without `new`, by `.call(this)` from a constructor that inherits in the old way, and by `class … extends`.

// biome-ignore lint/complexity/noBannedTypes: what a constructor inherits from is any function.
type AnyFunction = Function

type Body = { readonly name: string; readonly prototype: object }

/**
 * A constructor with the methods of the class `body`, whose own constructor is never run: `construct` makes of `this` what `new`
 * would. `base` is the constructor that it inherits from, and `own` what else its prototype has. `like` is the constructor of Node's
 * that it stands for: `for … in` and Object.keys show the same properties in the same order.
 */
export function callable<T extends object, A extends unknown[]>(
  name: string,
  body: Body,
  base: AnyFunction & { prototype: object },
  construct: (self: T, ...args: A) => void,
  own: PropertyDescriptorMap = {},
  like: { readonly prototype: object } = base,
): { new (...args: A): T; (...args: A): T; prototype: T } {
  function Made(this: T, ...args: A): T | undefined {
    if (!(this instanceof Made)) return new (Made as unknown as new (...args: A) => T)(...args)
    construct(this as T, ...args)
    return undefined
  }
  const descriptors = inOrderOf(like.prototype, Object.getOwnPropertyDescriptors(body.prototype))
  const itself = { value: Made, enumerable: false, writable: true, configurable: true }
  Made.prototype = Object.create(base.prototype, { ...descriptors, ...own, constructor: itself })
  Object.setPrototypeOf(Made, base)
  // `length` as of a function with its first arguments written out.
  Object.defineProperties(Made, {
    name: { value: name, configurable: true },
    length: { value: construct.length - 1, configurable: true },
  })
  return Made as unknown as { new (...args: A): T; (...args: A): T; prototype: T }
}

function inOrderOf(like: object, given: PropertyDescriptorMap): PropertyDescriptorMap {
  const ordered: PropertyDescriptorMap = {}
  for (const key of [...Reflect.ownKeys(like), ...Reflect.ownKeys(given)]) {
    const descriptor = given[key as string]
    if (descriptor === undefined || Object.hasOwn(ordered, key)) continue
    const { enumerable, configurable } = Object.getOwnPropertyDescriptor(like, key) ?? {
      enumerable: 'value' in descriptor,
    }
    ordered[key as string] = { ...descriptor, enumerable: enumerable === true, configurable: configurable !== false }
  }
  return ordered
}
