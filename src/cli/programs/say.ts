/** Where a program says what it does. */
export type Say = (text: string) => void
