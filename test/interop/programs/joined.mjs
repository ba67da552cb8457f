// What programs on the stack begin with: a stack that is joined to the kernel by the TAP interface jf0.
import { Stack } from '../../../dist/index.js'
import { openTap } from '../../../dist/os/index.js'

export function joined() {
  const stack = new Stack()
  stack.attach(openTap('jf0'), {
    address: ['10.9.0.2/24', 'fd09::2/64'],
    duplicateAddressDetection: false,
  })
  stack.addRoute('0.0.0.0/0', { via: '10.9.0.1' })
  stack.addRoute('::/0', { via: 'fd09::1' })
  return stack
}
