// The fields of RareState, as a connection has them: 34 fields of 8 octets that are one until the first of them is needed.

import { TCP_CA_Open } from '../base/tcp-info.ts'
import type { AccurateEcn } from './accurate-ecn.ts'
import { ConnectionFlags } from './connection-flags.ts'
import type { HalfOpen } from './half-open.ts'
import type { MtuSearch } from './mtu-search.ts'
import type { Pacing } from './pacing.ts'
import { RareState, URGENT_NONE } from './rare-state.ts'
import type { Reassembly } from './reassembly.ts'
import type { Repair } from './repair.ts'
import type { StreamWatcher } from './stream-watcher.ts'

/** The part of a connection that has one value, as long as nothing goes wrong and nothing special is asked for. */
export abstract class ConnectionRare extends ConnectionFlags {
  private rare: RareState | null = null

  /** Whether all of it is as at the beginning. */
  get isPlain(): boolean {
    return this.rare === null
  }

  private ensureRare(): RareState {
    this.rare ??= new RareState()
    return this.rare
  }

  get watcher(): StreamWatcher | null {
    return this.rare === null ? null : this.rare.watcher
  }

  set watcher(value: StreamWatcher | null) {
    if (this.rare !== null || value !== null) this.ensureRare().watcher = value
  }

  get request(): HalfOpen | null {
    return this.rare === null ? null : this.rare.request
  }

  set request(value: HalfOpen | null) {
    if (this.rare !== null || value !== null) this.ensureRare().request = value
  }

  get recordEnds(): number[] | null {
    return this.rare === null ? null : this.rare.recordEnds
  }

  set recordEnds(value: number[] | null) {
    if (this.rare !== null || value !== null) this.ensureRare().recordEnds = value
  }

  get sndUp(): number {
    return this.rare === null ? 0 : this.rare.sndUp
  }

  set sndUp(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().sndUp = value
  }

  get duplicateLeft(): number {
    return this.rare === null ? 0 : this.rare.duplicateLeft
  }

  set duplicateLeft(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().duplicateLeft = value
  }

  get duplicateRight(): number {
    return this.rare === null ? 0 : this.rare.duplicateRight
  }

  set duplicateRight(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().duplicateRight = value
  }

  get urgentState(): number {
    return this.rare === null ? URGENT_NONE : this.rare.urgentState
  }

  set urgentState(value: number) {
    if (this.rare !== null || value !== URGENT_NONE) this.ensureRare().urgentState = value
  }

  get urgentSeq(): number {
    return this.rare === null ? 0 : this.rare.urgentSeq
  }

  set urgentSeq(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().urgentSeq = value
  }

  get urgentOctet(): number {
    return this.rare === null ? 0 : this.rare.urgentOctet
  }

  set urgentOctet(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().urgentOctet = value
  }

  get reassembly(): Reassembly | null {
    return this.rare === null ? null : this.rare.reassembly
  }

  set reassembly(value: Reassembly | null) {
    if (this.rare !== null || value !== null) this.ensureRare().reassembly = value
  }

  get mtuSearch(): MtuSearch | null {
    return this.rare === null ? null : this.rare.mtuSearch
  }

  set mtuSearch(value: MtuSearch | null) {
    if (this.rare !== null || value !== null) this.ensureRare().mtuSearch = value
  }

  get fastOpen(): number {
    return this.rare === null ? 0 : this.rare.fastOpen
  }

  set fastOpen(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().fastOpen = value
  }

  get backoff(): number {
    return this.rare === null ? 0 : this.rare.backoff
  }

  set backoff(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().backoff = value
  }

  get pacing(): Pacing | null {
    return this.rare === null ? null : this.rare.pacing
  }

  set pacing(value: Pacing | null) {
    if (this.rare !== null || value !== null) this.ensureRare().pacing = value
  }

  get caState(): number {
    return this.rare === null ? TCP_CA_Open : this.rare.caState
  }

  set caState(value: number) {
    if (this.rare !== null || value !== TCP_CA_Open) this.ensureRare().caState = value
  }

  get deliveredMarked(): number {
    return this.rare === null ? 0 : this.rare.deliveredMarked
  }

  set deliveredMarked(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().deliveredMarked = value
  }

  get accurateEcn(): AccurateEcn | null {
    return this.rare === null ? null : this.rare.accurateEcn
  }

  set accurateEcn(value: AccurateEcn | null) {
    if (this.rare !== null || value !== null) this.ensureRare().accurateEcn = value
  }

  get ecn(): number {
    return this.rare === null ? 0 : this.rare.ecn
  }

  set ecn(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().ecn = value
  }

  get repair(): Repair | null {
    return this.rare === null ? null : this.rare.repair
  }

  set repair(value: Repair | null) {
    if (this.rare !== null || value !== null) this.ensureRare().repair = value
  }

  get retries(): number {
    return this.rare === null ? 0 : this.rare.retries
  }

  set retries(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().retries = value
  }

  get keepAliveSent(): number {
    return this.rare === null ? 0 : this.rare.keepAliveSent
  }

  set keepAliveSent(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().keepAliveSent = value
  }

  get totalRetransmits(): number {
    return this.rare === null ? 0 : this.rare.totalRetransmits
  }

  set totalRetransmits(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().totalRetransmits = value
  }

  get ackedWraps(): number {
    return this.rare === null ? 0 : this.rare.ackedWraps
  }

  set ackedWraps(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().ackedWraps = value
  }

  get receivedWraps(): number {
    return this.rare === null ? 0 : this.rare.receivedWraps
  }

  set receivedWraps(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().receivedWraps = value
  }

  get outOfOrderIn(): number {
    return this.rare === null ? 0 : this.rare.outOfOrderIn
  }

  set outOfOrderIn(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().outOfOrderIn = value
  }

  get retransmittedOctets(): number {
    return this.rare === null ? 0 : this.rare.retransmittedOctets
  }

  set retransmittedOctets(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().retransmittedOctets = value
  }

  get receiverLimitedTime(): number {
    return this.rare === null ? 0 : this.rare.receiverLimitedTime
  }

  set receiverLimitedTime(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().receiverLimitedTime = value
  }

  get bufferLimitedTime(): number {
    return this.rare === null ? 0 : this.rare.bufferLimitedTime
  }

  set bufferLimitedTime(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().bufferLimitedTime = value
  }

  get compressedAt(): number {
    return this.rare === null ? 0 : this.rare.compressedAt
  }

  set compressedAt(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().compressedAt = value
  }

  get duplicateAcks(): number {
    return this.rare === null ? 0 : this.rare.duplicateAcks
  }

  set duplicateAcks(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().duplicateAcks = value
  }

  get compressedAcks(): number {
    return this.rare === null ? 0 : this.rare.compressedAcks
  }

  set compressedAcks(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().compressedAcks = value
  }

  get lastInvalidAckAt(): number {
    return this.rare === null ? 0 : this.rare.lastInvalidAckAt
  }

  set lastInvalidAckAt(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().lastInvalidAckAt = value
  }

  get paceAt(): number {
    return this.rare === null ? 0 : this.rare.paceAt
  }

  set paceAt(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().paceAt = value
  }

  get softError(): number {
    return this.rare === null ? 0 : this.rare.softError
  }

  set softError(value: number) {
    if (this.rare !== null || value !== 0) this.ensureRare().softError = value
  }
}
