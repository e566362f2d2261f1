/** A block of lines that is Candor's in a file that is not. */
const END = '# <<< candor completion <<<'
const START = /^# >>> candor completion(?<added>, with the line break before it|, with this file)? >>>$/m

/** The block cannot be told from the rest of the file. */
export class DamagedBlock extends Error {
  constructor() {
    super(`it has the first line of Candor's block, but not the last one, ${END}`)
    this.name = 'DamagedBlock'
  }
}

/**
 * The file with the block in it: in its old place, else at the end. Its first line says what else was added, so that taking it out gives back every
 * byte. Throws {@link DamagedBlock}.
 */
export function withBlock(text: string | undefined, lines: readonly string[]): string {
  const found = find(text ?? '')
  const start = (added: string) => `# >>> candor completion${added} >>>`
  const block = (added: string) => `${[start(added), ...lines, END].join('\n')}\n`
  if (found !== undefined) return found.before + block(found.added) + found.after
  if (text === undefined) return block(', with this file')
  const open = text !== '' && !text.endsWith('\n')
  return open ? `${text}\n${block(', with the line break before it')}` : text + block('')
}

/** The file without the block; undefined if the file itself was Candor's and holds nothing else. Throws {@link DamagedBlock}. */
export function withoutBlock(text: string): string | undefined {
  const found = find(text)
  if (found === undefined) return text
  const { before, after, added } = found
  if (added === ', with this file' && before + after === '') return undefined
  // What somebody wrote behind the block needs the line break.
  const open = added === ', with the line break before it' && after === ''
  return (open ? before.replace(/\n$/, '') : before) + after
}

function find(text: string): { readonly before: string; readonly after: string; readonly added: string } | undefined {
  const start = START.exec(text)
  if (start === null) return undefined
  const end = text.indexOf(`\n${END}`, start.index)
  if (end < 0) throw new DamagedBlock()
  const after = end + 1 + END.length
  return {
    before: text.slice(0, start.index),
    after: text.slice(text[after] === '\n' ? after + 1 : after),
    added: start.groups?.['added'] ?? '',
  }
}
