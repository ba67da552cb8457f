import { readFileSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'
import { LAB_FOLDER } from './lab-page.ts'

/** The lab's own reading of scenarios, which is built beside its page. */
interface ScenarioReading {
  readScenario(value: unknown): { readonly name: string }
}

/** Looks at the scenario in a file. Throws a UsageError that says what it lacks, and the field. */
export async function checkScenarioFile(path: string, folder: URL = LAB_FOLDER): Promise<void> {
  const { readScenario }: ScenarioReading = await import(new URL('scenario.js', folder).href)
  try {
    readScenario(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const name = JSON.stringify(path)
    if (code !== undefined) throw new UsageError(`${name} cannot be read: ${message.replace(/, \w+(?: '.*')?$/s, '')}`)
    throw new UsageError(`${name} is no scenario of the lab: ${message}`)
  }
}
