/**
 * A text as one word of `ExecStart=` or `Environment=` of a systemd unit: systemd.syntax(7) on quoting, systemd.unit(5) on specifiers (`%`). A
 * `$` keeps its meaning in `ExecStart=`; what runs there is given `:` in front, which switches that off.
 */
export function systemdWord(text: string): string {
  if (/^[\w/.,:@+=-]+$/.test(text)) return text
  const inside = text.replace(/[\\"%]|\p{Cc}/gu, each => ESCAPED[each] ?? bytesOf(each))
  return `"${inside}"`
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '%': '%%', '\n': '\\n', '\t': '\\t' }

/** Control characters above ASCII are two bytes of UTF-8. */
function bytesOf(text: string): string {
  return [...new TextEncoder().encode(text)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}

/** A path as the whole value of a setting such as `EnvironmentFile=`: taken as it is to the end of the line, but for `%`. */
export function systemdPath(path: string): string {
  return path.replaceAll('%', '%%')
}

/** True for a path that such a setting cannot hold: with a line break, a blank at its end, or a backslash there, which would join the next line. */
export function isUnwritablePath(path: string): boolean {
  return /\p{Cc}|\s$|\\$/u.test(path)
}

/** True for a program systemd refuses to run, however it is quoted: it wants no quote, backslash or control character in the path. */
export function isUnrunnablePath(path: string): boolean {
  return /["'\\]|\p{Cc}/u.test(path)
}

/** A text between the tags of a property list. Characters that XML 1.0 does not have are left out: no path on macOS holds them. */
export function xmlText(text: string): string {
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
