// What the application wishes of a connection: one object that all share who have wished for nothing, copied on the first change.

import type { CongestionControl } from './congestion.ts'
import { ConnectionRare } from './connection-rare.ts'
import type { Wishes } from './wishes.ts'

/** The part of a connection that follows from options of its socket and its host. */
export abstract class ConnectionWishes extends ConnectionRare {
  private wishes: Wishes

  /** `wishes`: those of the host. */
  constructor(wishes: Wishes) {
    super()
    this.wishes = wishes
  }

  /** All of them, to be handed on with the connection. */
  get wished(): Wishes {
    return this.wishes
  }

  set wished(wishes: Wishes) {
    this.wishes = wishes
  }

  private ownWishes(): Wishes {
    if (!this.wishes.own) this.wishes = this.wishes.copy()
    return this.wishes
  }

  get ttl(): number {
    return this.wishes.ttl
  }

  set ttl(value: number) {
    if (value !== this.wishes.ttl) this.ownWishes().ttl = value
  }

  get tos(): number {
    return this.wishes.tos
  }

  set tos(value: number) {
    if (value !== this.wishes.tos) this.ownWishes().tos = value
  }

  get minTtl(): number {
    return this.wishes.minTtl
  }

  set minTtl(value: number) {
    if (value !== this.wishes.minTtl) this.ownWishes().minTtl = value
  }

  get signatureKey(): Uint8Array | null {
    return this.wishes.signatureKey
  }

  set signatureKey(value: Uint8Array | null) {
    if (value !== this.wishes.signatureKey) this.ownWishes().signatureKey = value
  }

  get clampWished(): number {
    return this.wishes.clampWished
  }

  set clampWished(value: number) {
    if (value !== this.wishes.clampWished) this.ownWishes().clampWished = value
  }

  get mssLimit(): number {
    return this.wishes.mssLimit
  }

  set mssLimit(value: number) {
    if (value !== this.wishes.mssLimit) this.ownWishes().mssLimit = value
  }

  get control(): CongestionControl {
    return this.wishes.control
  }

  set control(value: CongestionControl) {
    if (value !== this.wishes.control) this.ownWishes().control = value
  }

  get keepAliveTime(): number {
    return this.wishes.keepAliveTime
  }

  set keepAliveTime(value: number) {
    if (value !== this.wishes.keepAliveTime) this.ownWishes().keepAliveTime = value
  }

  get keepAliveInterval(): number {
    return this.wishes.keepAliveInterval
  }

  set keepAliveInterval(value: number) {
    if (value !== this.wishes.keepAliveInterval) this.ownWishes().keepAliveInterval = value
  }

  get keepAliveProbes(): number {
    return this.wishes.keepAliveProbes
  }

  set keepAliveProbes(value: number) {
    if (value !== this.wishes.keepAliveProbes) this.ownWishes().keepAliveProbes = value
  }

  get userTimeout(): number {
    return this.wishes.userTimeout
  }

  set userTimeout(value: number) {
    if (value !== this.wishes.userTimeout) this.ownWishes().userTimeout = value
  }

  get finWait2Timeout(): number {
    return this.wishes.finWait2Timeout
  }

  set finWait2Timeout(value: number) {
    if (value !== this.wishes.finWait2Timeout) this.ownWishes().finWait2Timeout = value
  }

  get synRetries(): number {
    return this.wishes.synRetries
  }

  set synRetries(value: number) {
    if (value !== this.wishes.synRetries) this.ownWishes().synRetries = value
  }

  get lowWater(): number {
    return this.wishes.lowWater
  }

  set lowWater(value: number) {
    if (value !== this.wishes.lowWater) this.ownWishes().lowWater = value
  }

  get notSentLowWater(): number {
    return this.wishes.notSentLowWater
  }

  set notSentLowWater(value: number) {
    if (value !== this.wishes.notSentLowWater) this.ownWishes().notSentLowWater = value
  }
}
