/** What keeps one attack from succeeding, and what shows that it does. */
export interface Guard {
  /** A short name, for `npm run proof -- NAME`. */
  readonly id: string
  /** What somebody does to us, in a few words. */
  readonly against: string
  /** The file that has the guard, and the function in it. */
  readonly file: string
  readonly where: string
  /** The guard: this text of the file, which occurs there once, and what stands there when it is taken out. */
  readonly without: readonly [guard: string, gone: string]
  /** What else must go for the attack to succeed: where two guards stand one behind the other. */
  readonly and?: readonly (readonly [file: string, guard: string, gone: string])[]
  /** What fails then: a script below test/drill/scripts, or "test/file.test.ts: part of the title". */
  readonly test: string
}

/** One of the classes of attack that have taken other stacks down. */
export interface AttackClass {
  readonly title: string
  readonly guards: readonly Guard[]
  /** Rows of test/rfcs that are about this class too, with guards and tests of their own. */
  readonly requirements?: readonly string[]
}
