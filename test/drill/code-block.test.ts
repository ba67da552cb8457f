import { describe, expect, it } from 'vitest'
import { AssertionFailure, runCode } from '../../src/drill/code-block.ts'
import { CodeError } from '../../src/drill/code-lexer.ts'

const info: Record<string, number> = { tcpi_snd_cwnd: 10, tcpi_options: 7, tcpi_rtt: 40000, TCP_CA_Open: 0 }

function run(text: string, variables = new Map<string, unknown>()): string[] {
  const printed: string[] = []
  runCode(text, { variables, get: (name) => info[name], print: (line) => printed.push(line) })
  return printed
}

describe('code block: Python that holds', () => {
  it.each([
    'assert tcpi_snd_cwnd == 10',
    'assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd',
    '\n    assert tcpi_snd_cwnd == 10\n    assert tcpi_options & 4 != 0 or True\n',
    'assert 5 <= tcpi_snd_cwnd <= 15; assert not tcpi_snd_cwnd > 10',
    'assert tcpi_rtt > 30000 and \\\n   tcpi_rtt < 50000',
    'assert (tcpi_snd_cwnd ==\n 10)',
    'assert 7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5',
    'assert 1 << 40 == 1099511627776 and 0xffffffffff & 0xf000000000 == 0xf000000000',
    'assert 2 + 3 * 4 ** 2 == 50 and -2 ** 2 == -4 and ~5 == -6',
    'assert tcpi_snd_cwnd in (9, 10) and tcpi_snd_cwnd not in (1, 2)',
    'assert min(3, 2, 5) == 2 and abs(-4) == 4 # why',
    'x = 5; x += 2\nassert x == 7',
    'assert True and None is None',
    '',
  ])('%j', (text) => {
    expect(() => run(text)).not.toThrow()
  })

  it('what one block assigns the next one knows', () => {
    const variables = new Map<string, unknown>()
    run('TCP_INFINITE_SSTHRESH = 0x7fffffff', variables)
    expect(() => run('assert TCP_INFINITE_SSTHRESH == 2147483647', variables)).not.toThrow()
  })

  it('print', () => {
    expect(run("print('%d is %s, %%' % (tcpi_snd_cwnd, 'ten'))\nprint(1, None)")).toEqual(['10 is ten, %', '1 None'])
  })
})

describe('code block: Python that does not hold', () => {
  it.each([
    ['assert tcpi_snd_cwnd == 11', 'assertion failed: tcpi_snd_cwnd == 11 (tcpi_snd_cwnd is 10)'],
    [
      "assert tcpi_snd_cwnd > 20, 'only %d' % tcpi_snd_cwnd",
      'assertion failed: tcpi_snd_cwnd > 20: only 10 (tcpi_snd_cwnd is 10)',
    ],
    ['assert 1 < 2 < 2', 'assertion failed: 1 < 2 < 2'],
  ])('%j', (text, message) => {
    expect(() => run(text)).toThrow(new AssertionFailure(message))
  })

  it.each([
    ['assert nothing == 1', "'nothing' is not defined"],
    ['import os', "'import' is not understood in a code block"],
    ['assert 1 2', "expected the end of the statement, found '2'"],
    ['assert open(1)', 'open() is not understood in a code block'],
    ['assert 1 +', "expected a value, found 'the end of the block'"],
    ['assert 1 $ 2', "'$' cannot be read in a code block"],
    ["assert 'a' < 1", 'expected a number, got a'],
    ['assert 1 // 0', 'division by zero'],
  ])('%j', (text, message) => {
    expect(() => run(text)).toThrow(new CodeError(message))
  })
})
