import { GENERATED_DOCS } from './generated-docs.ts'

// Writes every generated page. `npm test` fails if one differs from what stands in the tree.
for (const { path, make } of GENERATED_DOCS) await Bun.write(path, make())
