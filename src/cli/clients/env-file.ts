import type { JsonObject, JsonValue } from '../../base/json-value.ts'
import { FileFault, type FileFormat } from './file-format.ts'

const LINE = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*?)[ \t\r]*$/

/** Lines of `NAME=value`, as dotenv reads them. A value over several lines stays as it is. */
export const envFile: FileFormat = {
  empty: '',
  nests: false,
  parse(text) {
    const found = text.split('\n').flatMap(line => {
      const [, name = '', value = ''] = LINE.exec(line) ?? []
      return name === '' ? [] : [[name, unquoted(value)] as const]
    })
    return Object.fromEntries(found) satisfies JsonObject
  },
  set(text, path, value) {
    const name = String(path[0])
    const fresh = `${name}=${written(value)}`
    const lines = text.split('\n')
    const at = lines.findLastIndex(line => LINE.exec(line)?.[1] === name)
    const end = text.includes('\r\n') ? '\r' : ''
    if (at >= 0) return lines.with(at, fresh + (lines[at]?.endsWith('\r') === true ? '\r' : '')).join('\n')
    const gap = text === '' || text.endsWith('\n') ? '' : `${end}\n`
    return `${text}${gap}${fresh}${end}\n`
  },
  remove(text, path) {
    const name = String(path[0])
    return text
      .split('\n')
      .filter(line => LINE.exec(line)?.[1] !== name)
      .join('\n')
  },
}

/** What a line says: a remark may follow it. */
function unquoted(text: string): string {
  return /^(["'`])(.*?)\1[ \t]*(?:#.*)?$/.exec(text)?.[2] ?? text.replace(/#.*$/, '').trimEnd()
}

/** Words stand as they are; what holds more is quoted, with single quotes if it can be: in those nothing has a second meaning. */
function written(value: JsonValue): string {
  if (typeof value === 'string') {
    if (/^[\w.:/@+-]+$/.test(value)) return value
    if (/^[^'\r\n]*$/.test(value)) return `'${value}'`
    if (/^[^"\\$\r\n]*$/.test(value)) return `"${value}"`
  }
  throw new FileFault('This value cannot stand in such a file.')
}
