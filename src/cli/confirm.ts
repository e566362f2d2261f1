import { createInterface } from 'node:readline'
import type { Desk } from './verb.ts'

/** Asks a person a question that yes or no answers; anything but yes is no. Only for a terminal. */
export async function confirm(question: string, { shell, print }: Desk): Promise<boolean> {
  const line = createInterface({ input: shell.stdin })
  shell.stderr.write(`${print.paintNote('bold', question)} [y/N] `)
  try {
    for await (const answer of line) return /^(?:y|yes)$/i.test(answer.trim())
    return false
  } finally {
    line.close()
  }
}
