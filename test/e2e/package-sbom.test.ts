import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { BUNDLED, billOfMaterials, LOCKED } from '../../tools/bill-of-materials.ts'
import { importsIn } from '../project/imports.ts'
import { projectRoot, readSources } from '../project/source.ts'
import { runTool, scratchFolder } from './packages.ts'

interface Bill {
  readonly serialNumber: string
  readonly metadata: { readonly timestamp?: string }
  readonly components: readonly {
    readonly 'bom-ref': string
    readonly name: string
    readonly hashes: readonly { readonly content: string }[]
    readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[]
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const scratch = scratchFolder()
afterAll(() => scratch.remove())

function written(name: string): string {
  const file = join(scratch.path, name)
  runTool(projectRoot, 'sbom.ts', ['--out', file])
  return readFileSync(file, 'utf8')
}

const bill: Bill = JSON.parse(JSON.stringify(billOfMaterials(undefined)))
/** The packages of the lockfile with their names, without Candor itself. */
const locked = [...LOCKED]
  .filter(([path]) => path !== '')
  .map(([path, facts]) => ({ name: path.replace(/^.*node_modules\//, ''), ...facts }))

describe('the bill of materials', () => {
  test('lists exactly the packages that are installed with Candor and those bundled into its dashboard', () => {
    const expected = locked.filter(({ name, dev }) => dev !== true || isBundled(name))
    expect(bill.components.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort())
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)))
  })

  test('knows what the dashboard bundles', () => {
    const specifiers = readSources(path => /^web\/src\/.*\.tsx?$/.test(path)).flatMap(source =>
      importsIn(source.code()).map(({ specifier = '' }) => specifier),
    )
    const packages = specifiers.filter(name => /^[@a-z]/.test(name)).map(name => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0])
    expect([...new Set(packages)].sort()).toEqual([...BUNDLED].sort())
  })

  test('has a SHA-512 and a licence for each', () => {
    expect(bill.components.filter(({ hashes }) => !/^[0-9a-f]{128}$/.test(hashes[0]?.content ?? ''))).toEqual([])
    const told = bill.components
      .map(({ name, licenses: [found] }) => ({ name, licence: found?.license?.id ?? found?.expression }))
      .filter(({ name }) => existsSync(join(projectRoot, 'node_modules', name, 'package.json')))
    const own = told.map(({ name }) => ({ name, licence: licenceIn(name) }))
    expect(told.length).toBeGreaterThan(Object.keys(manifest.dependencies).length)
    expect(told).toEqual(own)
  })

  test('says what needs what, and nothing that is not listed', () => {
    const refs = new Set(bill.components.map(component => component['bom-ref']))
    const [own, ...others] = bill.dependencies
    expect(others.map(({ ref }) => ref)).toEqual([...refs])
    expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter(ref => !refs.has(ref))).toEqual([])
    const names = [...Object.keys(manifest.dependencies), ...BUNDLED]
    expect(own?.dependsOn.map(ref => ref.replace(/@[^@]*$/, ''))).toEqual(names.sort())
  })

  test('is the same text each time, and has a time only if one is given', () => {
    expect(written('a.json')).toBe(written('b.json'))
    expect(bill.metadata.timestamp).toBeUndefined()
    expect(billOfMaterials('1700000000')).toMatchObject({ metadata: { timestamp: '2023-11-14T22:13:20.000Z' } })
    expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

test('of the packages that are installed only the runtime has an install script, and it is not needed', () => {
  const scripts = locked.filter(({ dev, hasInstallScript }) => dev !== true && hasInstallScript === true)
  expect(scripts.map(({ name }) => name)).toEqual(['bun'])
})

function isBundled(name: string): boolean {
  return BUNDLED.some(bundled => bundled === name)
}

function licenceIn(name: string): string {
  return JSON.parse(readFileSync(join(projectRoot, 'node_modules', name, 'package.json'), 'utf8')).license
}
