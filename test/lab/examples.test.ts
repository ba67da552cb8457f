// The programs to start from, run as the lab runs them: what each prints.

import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import { EXAMPLES, exampleScenario } from '../../lab/examples/index.ts'

async function printed(title: string): Promise<string[]> {
  const example = EXAMPLES.find((one) => one.title === title)
  if (example === undefined) throw new RangeError(`there is no example ${title}`)
  const run = new LabRun(exampleScenario(example))
  await run.advance(3000)
  const { output } = run.take()
  run.close()
  return output
    .filter(({ kind }) => kind !== 'started')
    .map(({ host, kind, text }) => `${host}${kind === 'out' ? '' : ` ${kind}`}: ${text}`.trimEnd())
}

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'Upper-casing over UDP': [
    'server: bound to 0.0.0.0:12000',
    'server: 10.0.1.1:44816 sent hello',
    'client: hello → HELLO',
    'server: 10.0.1.1:44816 sent how are you?',
    'client: how are you? → HOW ARE YOU?',
    'server: 10.0.1.1:44816 sent good bye',
    'client: good bye → GOOD BYE',
    'client ended:',
  ],
  'Upper-casing over TCP': [
    'server: listening at 0.0.0.0:12000',
    'client: connected to port 12000',
    'server: accepted 10.0.1.1:48610',
    'client: hello → HELLO',
    'client: good bye → GOOD BYE',
    'client ended:',
  ],
  'Fetching a web page': [
    'server: 10.0.1.1:60932 GET / HTTP/1.1',
    'client: HTTP/1.1 200 OK',
    'client: <h1>It works</h1>',
    'client ended:',
  ],
  Ping: [
    'client: answer 1: ttl 64, 80.0 ms',
    'client: answer 2: ttl 64, 40.0 ms',
    'client: answer 3: ttl 64, 40.0 ms',
    'client: answer 4: ttl 64, 40.0 ms',
    'client ended:',
  ],
  'A DNS lookup': [
    'server: www.example is 192.0.2.80',
    'client: www.example 192.0.2.80',
    'server: mail.example is 192.0.2.25',
    'client: mail.example 192.0.2.25',
    'server: nobody.example is unknown',
    'client: nobody.example is not there',
    'client ended:',
  ],
  'Many clients at once': [
    'server: listening at 0.0.0.0:12000',
    'server: accepted 10.0.1.1:48610',
    'server: accepted 10.0.1.1:48611',
    'server: accepted 10.0.1.1:48612',
    'client: anna heard ANNA',
    'client: ben heard BEN',
    'client: clara heard CLARA',
    'client ended:',
  ],
  'Positions over UDP': [
    'server: update 0: x 1.00, y 0.00',
    'server: update 1: x 0.95, y 0.31',
    'server: update 2: x 0.81, y 0.59',
    'server: update 3: x 0.59, y 0.81',
    'server: update 4: x 0.31, y 0.95',
    'server: update 5: x 0.00, y 1.00',
    'server: update 6: x -0.31, y 0.95',
    'server: update 7: x -0.59, y 0.81',
    'server: update 8: x -0.81, y 0.59',
    'server: update 9: x -0.95, y 0.31',
    'server: update 10: x -1.00, y 0.00',
    'server: update 11: x -0.95, y -0.31',
    'server: update 12: x -0.81, y -0.59',
    'server: update 13: x -0.59, y -0.81',
    'server: update 14: x -0.31, y -0.95',
    'server: update 15: x -0.00, y -1.00',
    'server: update 16: x 0.31, y -0.95',
    'server: update 17: x 0.59, y -0.81',
    'server: update 18: x 0.81, y -0.59',
    'server: update 19: x 0.95, y -0.31',
    'client ended:',
  ],
  'Netstat, while others talk': [
    'server: listening at 0.0.0.0:12000',
    'server: Proto Recv-Q Send-Q Local Address           Foreign Address         State        PID/FD\ntcp        0   4096 0.0.0.0:12000           0.0.0.0:*               LISTEN       -/3',
    'client: connected to port 12000',
    'server: accepted 10.0.1.1:48610',
    'server: Proto Recv-Q Send-Q Local Address           Foreign Address         State        PID/FD\ntcp        0   4096 0.0.0.0:12000           0.0.0.0:*               LISTEN       -/3\ntcp        0      5 10.0.1.2:12000          10.0.1.1:48610          ESTABLISHED  -/4',
    'client: hello → HELLO',
    'client: good bye → GOOD BYE',
    'client ended:',
    'server: Proto Recv-Q Send-Q Local Address           Foreign Address         State        PID/FD\ntcp        0   4096 0.0.0.0:12000           0.0.0.0:*               LISTEN       -/3',
    'server ended:',
  ],
}

test.each(EXAMPLES.map(({ title }) => [title] as const))('%s', async (title) => {
  expect(await printed(title)).toEqual(EXPECTED[title])
})
