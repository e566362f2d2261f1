import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the dashboard's sources and its built files lie. A package holds the built files only. */
export const DASHBOARD_FOLDERS = {
  sources: fileURLToPath(new URL('../../web/src', import.meta.url)),
  built: fileURLToPath(new URL('../../web/dist', import.meta.url)),
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
