// What a run tells whoever watches it. Instants are milliseconds since it began; numbers are places in what was told before.

import type { ConnectionSample } from '../../src/stack/connection-sample.ts'

export type { TimerSample } from '../../src/stack/connection-sample.ts'

/** What is true of a connection, told when it has changed, once an instant. */
export type SampleEvent = ConnectionSample

export type FrameKind = 'arp' | 'icmp' | 'tcp' | 'udp' | 'other'

/** A frame that left an end of a link. */
export interface FrameEvent {
  /** Frames are counted from 1 on. */
  readonly number: number
  readonly at: number
  /** The link's place in the scenario, and which of its ends the frame left. */
  readonly link: number
  readonly end: 0 | 1
  readonly length: number
  readonly kind: FrameKind
  /** As tcpdump would print it. */
  readonly text: string
  /** The call that caused it, by its place among calls; −1: none did. */
  readonly cause: number
  /** "10.0.1.1:4242 10.0.1.2:80": whose it is; '' where it has no ends. */
  readonly flow: string
}

/** What becomes of a frame. A duplicate arrives again, by the number of its frame. */
export type FateEvent =
  | { readonly number: number; readonly fate: 'leaves'; readonly leftAt: number; readonly dueAt: number }
  | { readonly number: number; readonly fate: 'arrives'; readonly at: number }
  | { readonly number: number; readonly fate: 'damaged'; readonly at: number }
  | { readonly number: number; readonly fate: 'lost'; readonly at: number; readonly why: string }

/** A call of a program, as strace would print it. */
export interface CallEvent {
  readonly at: number
  readonly host: string
  /** '' of a program that is watched, whose stack is the host. */
  readonly program: string
  readonly text: string
}

/** What a program or a command of a terminal printed, or how it ended. */
export interface OutputEvent {
  readonly at: number
  readonly host: string
  readonly program: string
  /** 'typed': what somebody has typed to a command, as the terminal shows it. */
  readonly kind: 'out' | 'error' | 'typed' | 'started' | 'ended' | 'failed' | 'stopped'
  readonly text: string
  /** Where in the program; 0: not known. */
  readonly line: number
  /** Which command of its host's terminal this is of, counted from 1; left out: a program. */
  readonly command?: number
  /** The line is not at its end: what comes next goes on with it. */
  readonly open?: boolean
}

/** A connection went from a state to another. */
export interface StateEvent {
  readonly at: number
  readonly host: string
  /** "10.0.1.1:4242 10.0.1.2:80", this host's end first. */
  readonly ends: string
  readonly from: string
  readonly to: string
}

/** 'new' or sent 'again'; a 'probe' asks for an answer and carries nothing that was not acknowledged. */
export type SegmentKind = 'new' | 'again' | 'probe'

/** A segment that takes part of the sequence space (data, SYN, FIN), or a probe, as TCP hands it down. */
export interface SegmentEvent {
  readonly at: number
  readonly host: string
  readonly ends: string
  /** Its first sequence number, counted from the SYN's, and the one after its last. */
  readonly seq: number
  readonly end: number
  readonly kind: SegmentKind
  /** The frame in which it left this host; 0: none has. */
  readonly frame: number
}

export interface RunEvents {
  readonly frames: FrameEvent[]
  readonly fates: FateEvent[]
  readonly calls: CallEvent[]
  readonly output: OutputEvent[]
  readonly states: StateEvent[]
  readonly samples: SampleEvent[]
  readonly segments: SegmentEvent[]
}

export function noEvents(): RunEvents {
  return { frames: [], fates: [], calls: [], output: [], states: [], samples: [], segments: [] }
}
