import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCase, shrink } from './cases.ts'
import { FOUND_FOLDER, keepCase, keptCases } from './found-cases.ts'
import { faultOf, type Target } from './target.ts'
import { allTargets } from './targets.ts'

const targets = allTargets()
const named = targets.map(target => ({ name: target.name, target }))

/** Enough to run every kind of mutation; `npm run fuzz` does many more. */
const CASES = 50

describe.each(named)('$name', ({ target }) => {
  test('has examples, and holds for them as they are', () => {
    expect(target.corpus.length).toBeGreaterThan(0)
    expect(target.corpus.map(bytes => faultOf(target, bytes)).filter(fault => fault !== undefined)).toEqual([])
  })

  test('holds for every case that was once wrong', () => {
    const faults = keptCases(target.name).map(({ name, bytes }) => ({ name, fault: faultOf(target, bytes) }))
    expect(faults.filter(({ fault }) => fault !== undefined)).toEqual([])
  })

  test('makes the same cases from the same seed, and others from another', () => {
    const cases = (seed: number) => Array.from({ length: CASES }, (_, number) => makeCase(target, seed, number))
    expect(cases(1)).toEqual(cases(1))
    expect(cases(1)).not.toEqual(cases(2))
    expect(new Set(cases(1).map(String)).size).toBeGreaterThan(CASES / 2)
  })
})

test('every kept case belongs to a target', () => {
  const names = new Set(targets.map(({ name }) => name))
  const folders = existsSync(FOUND_FOLDER) ? readdirSync(FOUND_FOLDER) : []
  expect(folders.filter(folder => !names.has(folder))).toEqual([])
})

describe('a fault that is there', () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  const planted: Target = {
    name: 'planted',
    shape: 'json',
    corpus: [new TextEncoder().encode('{"model":"m","list":[1,2,3],"text":"something long to begin with"}')],
    material: { keys: ['model', 'list'], values: ['m', 1] },
    run: bytes => (text(bytes).includes('__proto__') ? 'planted' : undefined),
  }
  const isFound = (bytes: Uint8Array) => faultOf(planted, bytes) !== undefined
  const found = Array.from({ length: 5000 }, (_, number) => makeCase(planted, 7, number)).find(isFound)

  test('is found, and made small', () => {
    expect(found && text(shrink(planted, found))).toBe('__proto__')
  })

  test('is kept and read back', () => {
    const folder = mkdtempSync(join(tmpdir(), 'candor-fuzz-'))
    const bytes = new Uint8Array([0, 255, 10])
    keepCase('planted', bytes, folder)
    keepCase('planted', bytes, folder)
    expect(keptCases('planted', folder).map(kept => kept.bytes)).toEqual([bytes])
    rmSync(folder, { recursive: true })
  })

  test('may be an error thrown', () => {
    const throwing: Target = {
      ...planted,
      run: () => {
        throw new RangeError('too deep')
      },
    }
    expect(faultOf(throwing, new Uint8Array())).toMatch(/^threw RangeError: too deep/)
  })
})
