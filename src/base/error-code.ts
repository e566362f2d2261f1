/** The code the system gave an error, such as `ENOENT`; `unknown` for one without. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
