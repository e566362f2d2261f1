import type { Verb } from './verb.ts'

/** Commands that must answer at once, and those that stay and should not keep what others need: each is loaded without the rest. */
const ALONE: Readonly<Record<string, () => Promise<Verb>>> = {
  complete: async () => (await import('./commands/complete.ts')).complete,
  demo: async () => (await import('./commands/demo.ts')).demo,
  serve: async () => (await import('./commands/serve.ts')).serve,
  status: async () => (await import('./commands/status.ts')).status,
  version: async () => (await import('./commands/version.ts')).version,
}

/** The commands that a command line (without the program's own name) may mean: all, or only the one it names. */
export async function findVerbs([word = '']: readonly string[]): Promise<readonly Verb[]> {
  const alone = Object.hasOwn(ALONE, word) ? ALONE[word] : undefined
  if (alone !== undefined) return [await alone()]
  return (await import('./verbs.ts')).VERBS
}
