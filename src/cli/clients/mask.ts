import { isPlainWord } from '../../app/config/plain-word.ts'
import { redactText } from '../../base/redact.ts'

const MASK = '••••'
const SECRET_NAME = /key|token|secret|passw|auth|cookie|credential|bearer|session|header/i
/** `${NAME}`, `$NAME`, `{env:NAME}`: they say where a secret is, not what it is. */
const REFERENCE = /^(?:\$\{?\w+\}?|\{env:\w+\})$/
/** An address without a password and without a query. */
const ADDRESS = /^https?:\/\/[\w.:[\]-]+(?:\/[\w./-]*)?$/

const QUOTED = /(?:(["']?)([\w.$-]+)\1(\s*[:=]\s*))?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/g
const BARE = /^(\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*)([^"'\s[{][^#]*?)(\s*(?:#.*)?)$/

/** A line of somebody's settings with everything that may be a secret as dots. What stands in `open` is shown wherever it stands. */
export function maskLine(line: string, open: ReadonlySet<string>): string {
  const hide = (name: string, value: string) => !open.has(value) && mayBeSecret(name, value)
  const quoted = line.replace(
    QUOTED,
    (whole: string, _quote: string, name: string | undefined, _colon: string, text: string) =>
      hide(name ?? '', text.slice(1, -1))
        ? `${whole.slice(0, whole.length - text.length)}${text[0]}${MASK}${text[0]}`
        : whole,
  )
  const bare = quoted.replace(BARE, (whole: string, lead: string, name: string, value: string, rest: string) =>
    hide(name, value) ? lead + MASK + rest : whole,
  )
  return redactText(bare)
}

function mayBeSecret(name: string, value: string): boolean {
  if (value === '' || REFERENCE.test(value)) return false
  if (SECRET_NAME.test(name) && !/^(?:true|false|\d{1,6})$/.test(value)) return true
  return !isPlainWord(value) && !ADDRESS.test(value)
}
