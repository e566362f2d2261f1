import { showFault } from '../../app/config/fault.ts'
import { checkText } from '../../app/config/load.ts'
import { EditFault, setInText } from '../../app/config/splice.ts'
import { buildTree, type Path, plainValue, SyntaxFault, tokenize } from '../../app/config/tree.ts'
import type { JsonValue } from '../../base/json-value.ts'
import { readSettings, withoutMark } from '../clients/connection.ts'
import { CliFault, EXIT } from '../verb.ts'

/** One value to put into the configuration. */
export interface ConfigEdit {
  readonly path: Path
  readonly value: JsonValue
}

/** The configuration file as it is. */
export interface ConfigBefore {
  readonly file: string
  /** Undefined if there is no file. */
  readonly text: string | undefined
  /** What it says; an empty object where there is none. */
  readonly value: JsonValue
}

/** What a new file begins as: its objects on lines of their own. */
const NEW_FILE = '{\n  models: {\n    providers: {\n    },\n  },\n}\n'
const NEW_FILE_WITH_DEFAULT = NEW_FILE.replace('    providers', '    default: "",\n    providers')

/** Reads the configuration that is to be changed. Throws a usage fault with its faults if it is not good as it is. */
export async function readBefore(file: string): Promise<ConfigBefore> {
  const text = await readSettings(file)
  if (text === undefined) return { file, text, value: {} }
  const checked = checkText(text, file)
  if (checked.ok) return { file, text, value: plainValue(buildTree(tokenize(withoutMark(text)).tokens)) }
  throw new CliFault(EXIT.usage, `${file} is there and has faults. Nothing was changed.`, {
    why: `\n${checked.faults.map(showFault).join('\n\n')}`,
    fix: ['Mend it first; then: candor config check'],
  })
}

/** The file's text with the edits in it; comments and all else stay. */
export function textWith(before: ConfigBefore, edits: readonly ConfigEdit[]): string {
  const isDefault = ({ path }: ConfigEdit) => path.join('.') === 'models.default'
  const whole = before.text ?? (edits.some(isDefault) ? NEW_FILE_WITH_DEFAULT : NEW_FILE)
  const text = withoutMark(whole)
  const mark = whole.slice(0, whole.length - text.length)
  return mark + edits.reduce((after, { path, value }) => setInText(after, path, value), text)
}

/** Why a text is no good configuration, in one sentence; undefined if it is one. */
export function faultIn(text: string, file: string): string | undefined {
  const checked = checkText(text, file)
  if (checked.ok) return undefined
  const [first] = checked.faults
  return [first?.message ?? 'It is not valid.', first?.expected === undefined ? '' : `Expected: ${first.expected}.`]
    .join(' ')
    .trim()
}

/** The same with an edit that cannot be made counted as a fault of it. */
export function tryEdit(before: ConfigBefore, edit: ConfigEdit): { text: string } | { fault: string } {
  try {
    const text = textWith(before, [edit])
    const fault = faultIn(text, before.file)
    return fault === undefined ? { text } : { fault }
  } catch (error) {
    if (error instanceof EditFault || error instanceof SyntaxFault) return { fault: error.message }
    throw error
  }
}
