// Read first: curl(1), EXIT CODES.

export const FETCH_UNSUPPORTED_PROTOCOL = 1
export const FETCH_MALFORMED_URL = 3
export const FETCH_PROXY_UNRESOLVED = 5
export const FETCH_UNRESOLVED = 6
export const FETCH_NOT_CONNECTED = 7
export const FETCH_WEIRD_REPLY = 8
export const FETCH_PARTIAL = 18
export const FETCH_HTTP_ERROR = 22
export const FETCH_WRITE_ERROR = 23
export const FETCH_READ_ERROR = 26
export const FETCH_TIMED_OUT = 28
export const FETCH_NO_RANGES = 33
export const FETCH_NOT_SECURE = 35
export const FETCH_NO_INTERFACE = 45
export const FETCH_TOO_MANY_REDIRECTS = 47
export const FETCH_EMPTY_REPLY = 52
export const FETCH_SEND_ERROR = 55
export const FETCH_RECEIVE_ERROR = 56
export const FETCH_NOT_TRUSTED = 60
export const FETCH_BAD_ENCODING = 61
export const FETCH_TOO_LONG = 63
export const FETCH_BAD_AUTHORITIES = 77
export const FETCH_PROXY_REFUSED = 97

/** A page could not be fetched, with the status that curl exits with for the same reason. */
export class FetchFailure extends Error {
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
  }
}
