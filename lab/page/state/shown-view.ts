import { signal } from '@preact/signals'

/** The name of the view that is shown: views.ts has them all. */
export const view = signal('packets')
