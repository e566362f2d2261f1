import { basename, join } from 'node:path'
import { ownFile } from '../base/own-files.ts'

/** Where the dashboard's sources and its built files lie. A package holds the built files only. */
export const DASHBOARD_FOLDERS = {
  sources: ownFile('web/src'),
  built: ownFile('web/dist'),
} as const

/** A file of the built dashboard. */
export interface BuiltFile {
  /** Without folders: `index.html`, `main-3f9a.js`. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The page itself. It names the others, which have their content's hash in their names. */
export const PAGE = 'index.html'

/** Builds the dashboard from its sources. Throws if they are faulty. */
export async function buildDashboard(): Promise<readonly BuiltFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [join(DASHBOARD_FOLDERS.sources, PAGE)],
    target: 'browser',
    minify: true,
    publicPath: '/assets/',
    naming: { entry: '[name].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    define: { 'process.env.NODE_ENV': '"production"' },
    env: 'disable',
  })
  return await Promise.all(
    outputs.map(async output => ({
      name: basename(output.path),
      bytes: new Uint8Array(await output.arrayBuffer()),
    })),
  )
}
