import { fileURLToPath } from 'node:url'

const THIS_FILE = 'src/base/own-files.ts'

/**
 * Where a file of Candor's own lies that is read while it runs, by its path in the project. In a checkout and in the package these lie where they
 * are written. In the single binary all modules are one file, and what it carries (see tools/binary.ts) lies beside that.
 */
export function ownFile(path: string): string {
  const here = import.meta.url
  const root = here.endsWith(`/${THIS_FILE}`) ? here.slice(0, -THIS_FILE.length) : new URL('.', here)
  return fileURLToPath(new URL(path, root))
}
