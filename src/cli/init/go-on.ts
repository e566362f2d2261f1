import { oneLine } from '../terminal-text.ts'
import type { Chosen } from './choose.ts'

/**
 * The command that goes on where somebody stopped. Nothing is kept on the disk for it: a key that was typed is asked for again, all else is in the line.
 */
export function goOnCommand({ id, baseUrl, api, key, model }: Pick<Chosen, 'id'> & Partial<Chosen>): string {
  const options: readonly (readonly [string, string | undefined])[] = [
    ['--provider', id],
    ['--base-url', baseUrl],
    ['--api', api],
    ['--key-env', key?.from === 'environment' ? key.name : undefined],
    ['--key-file', key?.from === 'file' ? key.file : undefined],
    ['--model', model],
  ]
  const words = options.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(oneLine(value, 300))]))
  return ['candor init', ...words].join(' ')
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
