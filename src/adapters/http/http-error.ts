/** What went wrong, in the `code` of an HttpError. */
export type HttpErrorCode =
  /** The peer sent what is no HTTP. */
  | 'HTTP_SYNTAX'
  /** Where its body ends is not said, or said twice. */
  | 'HTTP_FRAMING'
  /** It is more than a limit allows. */
  | 'HTTP_LIMIT'
  /** The connection was closed in the middle of a message, or before one. */
  | 'HTTP_CLOSED'
  /** The peer took too long. */
  | 'HTTP_TIMEOUT'
  /** What is not done here. */
  | 'HTTP_UNSUPPORTED'

/** What a peer did that cannot be gone along with. */
export class HttpError extends Error {
  readonly code: HttpErrorCode
  /** What a server answers it with. */
  readonly status: number

  constructor(code: HttpErrorCode, message: string, status = 400) {
    super(message)
    this.name = 'HttpError'
    this.code = code
    this.status = status
  }
}

/** A short text of what a peer sent, for messages. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
