import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, test } from 'vitest'

// The language is that of a process, from its beginning on; Node 20 runs no TypeScript.
const source = readFileSync(new URL('../../lab/engine/universal-language.ts', import.meta.url), 'utf8')
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
})

/** What programs say of language where a reader's is Turkish, or German. */
const SAYS = `JSON.stringify([
  (1234567.5).toLocaleString(),
  12345678901234567890n.toLocaleString(),
  [1234.5, new Float64Array([0.5])].toLocaleString(),
  'ıi'.toLocaleUpperCase() + 'Iİ'.toLocaleLowerCase(),
  ['z', 'ä', 'a', 'ö', 'o'].sort((a, b) => a.localeCompare(b)).join(''),
  (1234.5).toLocaleString('de'),
  (0.5).toLocaleString(undefined, { style: 'percent' }),
  'a'.localeCompare('B', 'sv', { sensitivity: 'base' }),
  Number.prototype.toLocaleString.name,
  Object.keys(Number.prototype).length,
])`

test.each(['tr_TR.UTF-8', 'de_DE.UTF-8', 'sv_SE.UTF-8', 'en_US.UTF-8'])(
  'where the reader has %s programs say what they say everywhere',
  (language) => {
    const script = `${outputText}\nspeakOneLanguage(globalThis)\nconsole.log(${SAYS})`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: language, LANG: language },
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([
      '1,234,567.5',
      '12,345,678,901,234,567,890',
      '1,234.5,0.5',
      'IIii̇',
      'aäoöz',
      '1.234,5',
      '50%',
      -1,
      'toLocaleString',
      0,
    ])
  },
)
