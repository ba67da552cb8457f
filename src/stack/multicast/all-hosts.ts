import { IpAddress } from '../../base/ip-address.ts'

/** 224.0.0.1: all hosts are members, and nobody says so. */
export const ALL_HOSTS: IpAddress = IpAddress.v4(0xe0000001)
/** ff02::1: all nodes are members, and nobody says so. */
export const ALL_NODES: IpAddress = new IpAddress(0xff020000, 0, 0, 1)
