import { realClock } from '../platform/real-clock.ts'
import { secureRandom } from '../platform/secure-random.ts'
import { Stack } from '../stack/stack.ts'

/**
 * A stack on the machine's time and randomness that keeps no process alive: what the program holds by its sockets, their `ref` and
 * `unref` say, as with Node's own. (That of the platform holds it while any socket is open.)
 */
export function stackForDropIns(): Stack {
  return new Stack({ clock: realClock, random: secureRandom })
}
