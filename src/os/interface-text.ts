import { os } from './operating-system.ts'

/** The name of the interface with this number; the number itself where none has it, or it cannot be known. */
export function interfaceText(index: number): string {
  try {
    return os.interfaceName(index) ?? String(index)
  } catch {
    return String(index)
  }
}
