// Read first: tcp(7), connect(2), accept(2), send(2), recv(2), shutdown(2), poll(2). Each call in each state, with Linux as the judge.

import { expect, test } from 'vitest'
import { expectedAnswer } from './answer-table.ts'
import { berkeley } from './scene.ts'
import { streamAnswers, streamAnswersOfLinux } from './stream-answers.ts'
import { answerOf, streamCalls, streamStates } from './stream-state.ts'

berkeley('each call in each state of a stream', (scene) => {
  for (const [state, make] of Object.entries(streamStates)) {
    for (const [name, call] of Object.entries(streamCalls)) {
      // write_seq of Linux, which nothing has reset, less snd_una, which something has.
      if (state === 'a dissolved one' && name === 'SIOCOUTQ') continue
      const answer = expectedAnswer(streamAnswers, state, name)
      test(`${state}: ${name}: ${answer}`, async () => {
        const socket = await make(scene())
        const expected = scene().hosts.kernel ? (streamAnswersOfLinux[`${state}: ${name}`] ?? answer) : answer
        expect(answerOf(() => call(socket, scene()))).toBe(expected)
      })
    }
  }
})
