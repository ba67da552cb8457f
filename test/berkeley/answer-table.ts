/** The calls by their answers, for each state. */
export type AnswerTable = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** What `call` answers in `state`. Throws where the table does not say. */
export function expectedAnswer(table: AnswerTable, state: string, call: string): string {
  for (const [answer, calls] of Object.entries(table[state] ?? {})) if (calls.includes(call)) return answer
  throw new Error(`the table does not know ${call} in ${state}`)
}
