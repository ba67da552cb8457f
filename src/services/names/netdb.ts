// Read first: getaddrinfo(3), getnameinfo(3), RFC 3493 section 6. What <netdb.h> has: the values are glibc's.

/** A wildcard address for bind, where no node is given. */
export const AI_PASSIVE = 0x0001
/** The first answer has the node's canonical name. */
export const AI_CANONNAME = 0x0002
/** The node is an address, and nothing is looked up. */
export const AI_NUMERICHOST = 0x0004
/** IPv4 addresses as mapped IPv6 ones, where AF_INET6 is asked for and there is no other. */
export const AI_V4MAPPED = 0x0008
/** With AI_V4MAPPED: those too where there are others. */
export const AI_ALL = 0x0010
/** Only families of which this host has an address. */
export const AI_ADDRCONFIG = 0x0020
/** The service is a number, and nothing is looked up. */
export const AI_NUMERICSERV = 0x0400

export const NI_NUMERICHOST = 1
export const NI_NUMERICSERV = 2
/** The name without the domain of this host. */
export const NI_NOFQDN = 4
/** A node without a name is an error. */
export const NI_NAMEREQD = 8
/** The service of a datagram socket. */
export const NI_DGRAM = 16

const failures = {
  EAI_BADFLAGS: [-1, 'Bad value for ai_flags'],
  EAI_NONAME: [-2, 'Name or service not known'],
  EAI_AGAIN: [-3, 'Temporary failure in name resolution'],
  EAI_FAIL: [-4, 'Non-recoverable failure in name resolution'],
  EAI_NODATA: [-5, 'No address associated with hostname'],
  EAI_FAMILY: [-6, 'ai_family not supported'],
  EAI_SOCKTYPE: [-7, 'ai_socktype not supported'],
  EAI_SERVICE: [-8, 'Servname not supported for ai_socktype'],
  EAI_ADDRFAMILY: [-9, 'Address family for hostname not supported'],
} as const

export type AddressInfoCode = keyof typeof failures

/**
 * getaddrinfo or getnameinfo has failed. `code` says how, `errno` is its number in <netdb.h>, `hostname` and `service` are what
 * was asked for, `cause` is what went wrong beneath.
 *
 * ```ts
 * try {
 *   await names.getaddrinfo('nowhere.example', 'http')
 * } catch (error) {
 *   if (error instanceof AddressInfoError && error.code === 'EAI_NONAME') console.log(error.message)
 *   // getaddrinfo EAI_NONAME nowhere.example: Name or service not known
 * }
 * ```
 */
export class AddressInfoError extends Error {
  readonly code: AddressInfoCode
  readonly errno: number
  readonly syscall: 'getaddrinfo' | 'getnameinfo'
  declare readonly hostname?: string
  declare readonly service?: string

  constructor(
    syscall: 'getaddrinfo' | 'getnameinfo',
    code: AddressInfoCode,
    hostname: string | null,
    service: string | null = null,
    cause?: unknown,
  ) {
    const what = hostname ?? service
    const place = what === null ? '' : ` ${what}`
    super(`${syscall} ${code}${place}: ${failures[code][1]}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.errno = failures[code][0]
    this.syscall = syscall
    if (hostname !== null) this.hostname = hostname
    if (service !== null) this.service = service
  }

  /** What gai_strerror(3) says: "Name or service not known". */
  get text(): string {
    return failures[this.code][1]
  }
}

Object.defineProperty(AddressInfoError.prototype, 'name', {
  value: 'AddressInfoError',
  configurable: true,
  writable: true,
})
