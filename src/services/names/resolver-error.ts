/**
 * Why a question has no answer: ETIMEOUT, no server answered in time; ENOSERVER, none could be reached, or there is none;
 * EAGAIN, too many questions are under way; ESERVFAIL, EREFUSED, ENOTIMP, EFORMERR, EOTHER, the answer was that the server
 * cannot; ELOOP, aliases lead in a circle or too far; EBADNAME, what was asked cannot be a name.
 */
export type ResolverCode =
  | 'ETIMEOUT'
  | 'ENOSERVER'
  | 'EAGAIN'
  | 'ESERVFAIL'
  | 'EREFUSED'
  | 'ENOTIMP'
  | 'EFORMERR'
  | 'EOTHER'
  | 'ELOOP'
  | 'EBADNAME'

const texts: Readonly<Record<ResolverCode, string>> = {
  ETIMEOUT: 'no server answered in time',
  ENOSERVER: 'no server could be reached',
  EAGAIN: 'too many questions are under way',
  ESERVFAIL: 'the server failed',
  EREFUSED: 'the server refused',
  ENOTIMP: 'the server knows no such query',
  EFORMERR: 'the server found the query malformed',
  EOTHER: 'the server answered with an error',
  ELOOP: 'aliases lead in a circle or too far',
  EBADNAME: 'this cannot be a domain name',
}

/**
 * A question to name servers has no answer. That there is no such name, or no such record, is an answer.
 *
 * ```ts
 * try {
 *   await resolver.query('server.example', 'A')
 * } catch (error) {
 *   if (error instanceof ResolverError && error.code === 'ETIMEOUT') console.log(error.message)
 *   // query ETIMEOUT server.example: no server answered in time
 * }
 * ```
 */
export class ResolverError extends Error {
  readonly code: ResolverCode
  /** What was asked for, where it was one name. */
  declare readonly hostname?: string

  constructor(code: ResolverCode, hostname: string | null, cause?: unknown) {
    super(
      `query ${code}${hostname === null ? '' : ` ${hostname}`}: ${texts[code]}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    if (hostname !== null) this.hostname = hostname
  }
}

/** Whether it may be different later, whatever name is asked for. */
export function isTemporary({ code }: ResolverError): boolean {
  return code === 'ETIMEOUT' || code === 'ENOSERVER' || code === 'EAGAIN'
}

Object.defineProperty(ResolverError.prototype, 'name', { value: 'ResolverError', configurable: true, writable: true })
