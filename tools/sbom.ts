// Writes what a release is made of, as CycloneDX JSON: npm run sbom [-- --out <file>].
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { billOfMaterials } from './bill-of-materials.ts'
import { BUILD } from './shipped.ts'

const { values } = parseArgs({ options: { out: { type: 'string' } } })
const file = values.out ?? join(BUILD, 'sbom.json')
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify(billOfMaterials(process.env['SOURCE_DATE_EPOCH']), undefined, 2)}\n`)
console.log(file)
