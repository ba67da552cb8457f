// Read first: udp(7), ip(7) IP_RECVERR, connect(2), send(2), recv(2), shutdown(2), poll(2). Each call in each state, with Linux as the judge.

import { expect, test } from 'vitest'
import { expectedAnswer } from './answer-table.ts'
import { datagramAnswers } from './datagram-answers.ts'
import { datagramCalls, datagramStates } from './datagram-state.ts'
import { berkeley } from './scene.ts'
import { answerOf } from './stream-state.ts'

berkeley('each call in each state of a UDP socket', (scene) => {
  for (const [state, make] of Object.entries(datagramStates)) {
    for (const [name, call] of Object.entries(datagramCalls)) {
      const answer = expectedAnswer(datagramAnswers, state, name)
      test(`${state}: ${name}: ${answer}`, async () => {
        const socket = await make(scene())
        expect(answerOf(() => call(socket, scene()))).toBe(answer)
      })
    }
  }
})
