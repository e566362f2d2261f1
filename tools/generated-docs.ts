import { commandsMarkdown } from './command-docs.ts'
import { configurationMarkdown } from './config-docs.ts'
import { problemsMarkdown } from './problem-docs.ts'
import { providersMarkdown } from './provider-docs.ts'
import { translationMarkdown } from './translation-docs.ts'

/** The pages that are made from the code, by path from the project's root. */
export const GENERATED_DOCS: readonly { readonly path: string; make(): string }[] = [
  { path: 'docs/commands.md', make: commandsMarkdown },
  { path: 'docs/configuration.md', make: configurationMarkdown },
  { path: 'docs/problems.md', make: problemsMarkdown },
  { path: 'docs/providers.md', make: providersMarkdown },
  { path: 'docs/translation.md', make: translationMarkdown },
]
