import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { findProvider, PROVIDERS } from '../../src/catalog/index.ts'
import { linkRows } from '../../src/catalog/link.ts'
import { readSigns } from '../../src/catalog/signs.ts'
import { facts } from '../policy/facts.ts'
import { projectRoot } from '../project/source.ts'
import { readPages } from './markdown.ts'
import { guestSizePolicy } from './samples/policy.ts'
import { example } from './samples/provider.ts'
import { problems } from './samples/verb.ts'

const blocks = readPages().flatMap(page => page.blocks.map(block => ({ page: page.path, ...block })))
const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')

const excerpts = blocks.flatMap(block => {
  const file = /^from: (\S+)$/.exec(block.mark)?.[1]
  return file === undefined ? [] : [{ ...block, file }]
})

const samples = blocks.flatMap(block => {
  const [, file, place] = /^sample: (\S+) as (\S+)$/.exec(block.mark) ?? []
  return file === undefined || place === undefined ? [] : [{ ...block, file, place }]
})

/** The sample's text with its imports as they would be at the place it is meant for. */
function asAt(place: string, file: string): string {
  return read(file).replace(/'(\.[^']+)'/g, (_, specifier: string) => {
    const target = posix.join(posix.dirname(file), specifier)
    const relative = posix.relative(dirname(place), target)
    return `'${relative.startsWith('.') ? relative : `./${relative}`}'`
  })
}

test('there are excerpts and samples', () => {
  expect(excerpts.length).toBeGreaterThan(2)
  expect(samples.map(({ file }) => file).sort()).toEqual([
    'test/docs/samples/policy.ts',
    'test/docs/samples/provider.ts',
    'test/docs/samples/verb.ts',
  ])
})

test.each(excerpts)('$page:$line stands like that in $file', ({ file, text }) => {
  expect(read(file)).toContain(`\n${text}\n`)
})

test.each(samples)('$page:$line is $file', ({ file, place, text }) => {
  expect(`${text}\n`).toBe(asAt(place, file))
})

describe('the samples work', () => {
  test('the provider is a row like the others', () => {
    expect(findProvider(example.id)).toBeUndefined()
    const rows = linkRows([...PROVIDERS, example])
    const row = rows.at(-1)
    const seen = {
      status: 403,
      headers: new Headers(),
      bodyText: '{"error":{"message":"Your wallet is empty."}}',
      protocol: example.endpoints[0].protocol,
      keyStartsWith: () => false,
      model: 'x',
      now: 0,
    }
    expect(readSigns(seen, row).code).toBe('balance_exhausted')
  })

  test.each([
    { keyShown: false, requestBytes: 100, admitted: true },
    { keyShown: false, requestBytes: 101, admitted: false },
    { keyShown: true, requestBytes: 101, admitted: true },
  ])('the policy, key shown: $keyShown, $requestBytes bytes: $admitted', async ({ admitted, ...given }) => {
    const admission = await guestSizePolicy({ guestBytesMax: 100 }).admit(facts(given))
    expect(admission.admit).toBe(admitted)
  })

  test('the command has what every command has', () => {
    expect(problems.examples.length).toBeGreaterThan(0)
    expect(problems.run).toBeFunction()
  })
})
