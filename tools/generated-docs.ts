import { configurationMarkdown } from './config-docs.ts'
import { translationMarkdown } from './translation-docs.ts'

/** The pages that are made from the code, by path from the project's root. */
export const GENERATED_DOCS: readonly { readonly path: string; make(): string }[] = [
  { path: 'docs/configuration.md', make: configurationMarkdown },
  { path: 'docs/translation.md', make: translationMarkdown },
]
