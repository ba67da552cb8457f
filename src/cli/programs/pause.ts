import type { Provider } from '../../index.ts'

/** Waits `milliseconds` on the clock of a provider, which may be a simulated one. */
export function pause({ clock }: Provider, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.alarm(resolve).set(clock.now() + milliseconds))
}
