/** One requirement of an RFC: what carries it, and what shows that it is carried. */
export interface Row {
  /** As RFCS.md names it: the RFC's own label, or its number and a count. */
  readonly id: string
  /** "RFC 9293 3.8.3" */
  readonly section: string
  readonly level: 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'RECOMMENDED'
  /** In a few words of our own. */
  readonly says: string
  /** The files that carry it, the one that `without` is about first. None where it is not applicable. */
  readonly code?: readonly string[]
  /**
   * What fails without it, the first of them where the guard alone is taken out: scripts ("window/zero-probe.pkt", below test/drill/scripts) and tests ("test/tcp/isn.test.ts: part of the
   * title").
   */
  readonly tests?: readonly string[]
  /** The guard: this text of the first file, which occurs there once, and what stands there when it is taken out. */
  readonly without?: readonly [guard: string, gone: string]
  /** Why it cannot apply here, or, of what is only a SHOULD or MAY, why we do otherwise. */
  readonly because?: string
}

/** The rows of one document, in its order. */
export interface RfcRows {
  readonly title: string
  readonly rows: readonly Row[]
}
