// A lane that says what it is told: `canned-lane.mjs ready VALUE|fail|end|silent`, a value for each round.

import { answer } from '../../bench/harness/answer.mjs'

const values = process.argv.slice(2)

if (values[0] === 'silent') setInterval(() => {}, 1000)
else {
  await answer(({ round }) => {
    const value = values[round - 1]
    if (value === 'fail') throw new Error('the peer has closed')
    if (value === 'end') {
      process.stderr.write('a last word\n')
      process.exit(3)
    }
    return value === 'none' ? undefined : Number(value)
  })
}
