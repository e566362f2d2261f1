import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GENERATED_DOCS } from '../../tools/generated-docs.ts'
import { projectRoot } from '../project/source.ts'

test.each([...GENERATED_DOCS])('$path is what "npm run docs" writes', ({ path, make }) => {
  expect(readFileSync(join(projectRoot, path), 'utf8')).toBe(make())
})
