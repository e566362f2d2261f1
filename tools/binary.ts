// Builds the single binary: npm run binary [-- --target bun-linux-arm64] [-- --out <file>].
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { BUILD, PROJECT, putDashboard } from './shipped.ts'

/** Files beside the dashboard that Candor reads while it runs: see src/base/own-files.ts. */
const READ_AT_RUN_TIME = ['docs/problems.md', 'src/catalog/models.json']

/** Compile targets the runtime is released for: bun.com/docs/bundler/executables. */
const TARGET = /^bun-(?:linux|darwin|windows)-(?:x64|arm64)(?:-(?:baseline|modern|musl))*$/

const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' } } })
const { target } = values
if (target !== undefined && !isTarget(target)) {
  console.error(
    `"${target}" is no target. Known are bun-linux-x64, bun-linux-arm64, bun-darwin-arm64, bun-windows-x64 and the like.`,
  )
  process.exit(2)
}
const outfile = values.out ?? join(BUILD, target === undefined ? 'candor' : target.replace('bun-', 'candor-'))
const carried = mkdtempSync(join(tmpdir(), 'candor-binary-'))
try {
  await gather(carried)
  await compile(carried, outfile, target)
} finally {
  rmSync(carried, { recursive: true, force: true })
}
console.log(outfile)

function isTarget(text: string): text is Bun.Build.CompileTarget {
  return TARGET.test(text)
}

async function gather(folder: string): Promise<void> {
  for (const file of READ_AT_RUN_TIME) cpSync(join(PROJECT, file), join(folder, file))
  await putDashboard(folder)
}

/**
 * White space and comments go, since comments name the folders of this machine; names stay, for readable stack traces. Nothing of the folder the
 * binary is started in is loaded: the default would take its `.env`, and its `bunfig.toml` with code to run first.
 */
async function compile(folder: string, file: string, to: Bun.Build.CompileTarget | undefined): Promise<void> {
  mkdirSync(dirname(file), { recursive: true })
  await Bun.build({
    entrypoints: [join(PROJECT, 'bin/standalone.mjs')],
    root: PROJECT,
    minify: { whitespace: true, syntax: true, identifiers: false },
    env: 'disable',
    compile: {
      outfile: file,
      ...(to === undefined ? {} : { target: to }),
      assets: ['docs', 'src', 'web'].map(name => join(folder, name)),
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  })
}
