// Which call is asked for: the numbers in CallMemory's OPERATION. Those of an endpoint first.

export const BIND = 1
export const LISTEN = 2
export const ACCEPT = 3
export const CONNECT = 4
export const SEND = 5
export const RECV = 6
export const SENDMSG = 7
export const RECVMSG = 8
export const SHUTDOWN = 9
export const GET_OPTION = 10
export const SET_OPTION = 11
export const IOCTL = 12
export const LOCAL_ADDRESS = 13
export const PEER_ADDRESS = 14
export const READINESS = 15
export const CLOSE = 16
export const DETACH = 17
/** Those of the provider. */
export const SOCKET = 20
export const SOCKETPAIR = 21
export const DUP = 22
export const TAKE = 23
export const INTERFACE_INDEX = 24
export const WAIT = 25

/** C of SENDMSG and RECVMSG: what the caller has in its message. */
export const WANTS_NAME = 1
export const PLAIN = 2
