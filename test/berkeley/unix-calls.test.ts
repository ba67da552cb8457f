// Read first: unix(7), socketpair(2), send(2), recv(2), shutdown(2), poll(2). Each call in each state, with Linux as the judge.

import { expect, test } from 'vitest'
import { expectedAnswer } from './answer-table.ts'
import { berkeleyOnce } from './scene.ts'
import { answerOf } from './stream-state.ts'
import { unixDatagramAnswers } from './unix-datagram-answers.ts'
import { unixSeqpacketAnswers } from './unix-seqpacket-answers.ts'
import { unixCalls, unixStates, unixTypes } from './unix-state.ts'
import { unixStreamAnswers } from './unix-stream-answers.ts'

const tables = { stream: unixStreamAnswers, datagram: unixDatagramAnswers, seqpacket: unixSeqpacketAnswers }

for (const kind of ['stream', 'datagram', 'seqpacket'] as const) {
  berkeleyOnce(`each call in each state of a Unix ${kind} socket`, (scene) => {
    for (const [state, make] of Object.entries(unixStates)) {
      for (const [name, call] of Object.entries(unixCalls)) {
        const answer = expectedAnswer(tables[kind], state, name)
        test(`${state}: ${name}: ${answer}`, () => {
          const socket = make(scene(), unixTypes[kind])
          expect(answerOf(() => call(socket, scene()))).toBe(answer)
        })
      }
    }
  })
}
