// What runs the pages sees what is wrong with them.

import { describe, expect, test } from 'vitest'
import { readPage } from './page.ts'
import { PageRun } from './run-page.ts'

const F = '```'

async function run(text: string): Promise<string> {
  const page = new PageRun('a page.md', false)
  try {
    await page.run(readPage(text))
    return ''
  } catch (error) {
    return (error as Error).message
  } finally {
    await page.close()
  }
}

describe.concurrent('a page passes', () => {
  test.each([
    [
      'with files and commands',
      `${F}text file=a.txt\none\ntwo\n${F}\n\n${F}console\n$ cat a.txt\none\ntwo\n$ wc -l < a.txt\n2\n${F}\n`,
    ],
    ['with any text where there are dots', `${F}console\n$ seq 9\n1\n…\n8\n9\n$ echo took 17 ms\ntook … ms\n${F}\n`],
    ['with commands that go on in the next line', `${F}console\n$ echo a \\\n    b\na b\n${F}\n`],
    ['with what is printed to both', `${F}console\n$ echo out; echo err >&2\nout\nerr\n${F}\n`],
    ['with a failure that it shows', `${F}console\n$ echo no; false\nno\n${F}\n`],
    ['with commands that print nothing', `${F}console\n$ true\n$ true\n${F}\n`],
    ['with a shell whose output is not told', `${F}sh\necho anything\n${F}\n`],
    [
      'with a program that goes on',
      `${F}console\ncat$ cat\ncat< one\none\n${F}\n\n${F}console\ncat< two\ntwo\ncat$ ^C\n${F}\n`,
    ],
    [
      'with a program that is about to end where the next begins',
      `${F}console\na$ read; sleep 0.3\na< x\na$ echo next\nnext\n${F}\n`,
    ],
    ['with a program whose input ends', `${F}console\ncat$ cat; echo over\ncat< ^D\nover\n${F}\n`],
    [
      'with what a program has printed since',
      `${F}console\na$ echo 1; read; echo 2; echo 3\n1\na< x\n2\na$\n3\n${F}\n`,
    ],
    [
      'with a comment that starts what readers have',
      `<!-- console\n$ touch there\n-->\n\n${F}console\n$ ls\nthere\n${F}\n`,
    ],
    ['with text and tables', '# Title\n\n| a | b |\n|---|---|\n| c | d |\n\n- item\n\n      of the list\n'],
  ])('%s', async (_, text) => {
    expect(await run(text)).toBe('')
  })
})

describe.concurrent('a page fails', () => {
  test.each([
    [
      'where a program prints something else',
      `${F}console\n$ echo one\ntwo\n${F}\n`,
      'a page.md:2: line 2, $ echo one: it printed:\none',
    ],
    ['where a program prints more', `${F}console\n$ seq 3\n1\n2\n${F}\n`, 'it printed:\n1\n2\n3\n'],
    ['where a program prints less', `${F}console\n$ echo 1\n1\n2\n${F}\n`, 'the page says:\n1\n2\n'],
    ['where a program fails and nothing is shown', `${F}console\n$ exit 3\n${F}\n`, 'it ended with 3'],
    [
      'where a shell fails in the middle',
      `${F}sh\necho why\nfalse\ntrue\n${F}\n`,
      'it ended with 1, and had printed:\nwhy',
    ],
    [
      'where a program ends before it says so',
      `${F}console\na$ echo one\ntwo\n${F}\n`,
      'it ended with 0, and had printed:\none',
    ],
    [
      'where an interrupted program had said more',
      `${F}console\na$ echo 1; echo 2; read\n1\na$ ^C\n${F}\n`,
      'it printed as well:\n2',
    ],
    ['where a terminal is taken', `${F}console\na$ cat\na$ cat\n${F}\n`, 'is still running'],
    ['where nothing was started', `${F}console\na< text\n${F}\n`, 'nothing was started there'],
    ['where a block is of another kind', `${F}yaml\na: b\n${F}\n`, 'nobody runs a block of kind "yaml" here'],
    ['where text belongs to nothing', `${F}text\nprinted\n${F}\n`, 'nobody runs a block of kind "text" here'],
    ['where text stands behind a shell', `${F}sh\necho x\n${F}\n\n${F}text\nx\n${F}\n`, 'kind "text"'],
    ['where text does not stand right behind', `${F}sh\ntrue\n${F}\n\nIt says:\n\n${F}text\nx\n${F}\n`, 'kind "text"'],
    ['where a fence says something unknown', `${F}console twoslash\n$ true\n${F}\n`, '"twoslash" behind console'],
    ['where output comes before a command', `${F}console\nprinted\n$ true\n${F}\n`, 'output before the first command'],
    ['where code is indented', 'It says\n\n    printed\n', 'code by indentation, which nobody runs: printed'],
    ['where a block has no end', `${F}js\n1\n`, 'a block without an end'],
  ])('%s', async (_, text, message) => {
    expect(await run(text)).toContain(message)
  })

  test('where a program of JavaScript throws, or prints something else', async () => {
    const [thrown, printed] = await Promise.all([
      run(`${F}js\nthrow new Error('as it is')\n${F}\n`),
      run(`${F}js\nconsole.log(1)\n${F}\n\n${F}text\n2\n${F}\n`),
    ])
    expect(thrown).toMatch(/^a page\.md:2: it ended with 1, and had printed:(?:.|\n)*as it is/)
    expect(printed).toBe('a page.md:2: it printed:\n1\nthe page says:\n2\n')
  })
})

test('files of the pages that a page uses are there before it, and nothing of these pages is run', async () => {
  const first = readPage(`${F}js\n// a.mjs\nexport const a = 7\n${F}\n\n${F}console\n$ touch ran\n${F}\n`)
  const second = readPage(`---\nuses: first.md\n---\n\n${F}js\nimport { a } from './a.mjs'\nconsole.log(a)\n${F}\n
${F}text\n7\n${F}\n\n${F}console\n$ ls\na.mjs\n…\n$ test -e ran || echo no\nno\n${F}\n`)
  expect(second.uses).toEqual(['first.md'])
  const page = new PageRun('a page.md', false)
  try {
    await page.run(second, [first])
  } finally {
    await page.close()
  }
})
