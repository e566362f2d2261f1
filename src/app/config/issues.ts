import type { z } from 'zod'
import { asString, isObject } from '../../base/json-value.ts'
import { nearest } from '../../base/nearest.ts'
import { foreignKeyFix } from './foreign-keys.ts'
import { isPlainWord } from './plain-word.ts'
import { describeShape, knownKeys, shapeAt } from './shape.ts'
import { find, type Node, type Path, showPath } from './tree.ts'

/** A fault by its path, not yet by its place. */
export interface Finding {
  readonly path: Path
  /** True if the key is at fault, not its value. */
  readonly onKey?: boolean
  readonly message: string
  readonly expected?: string
  readonly fix?: string
}

type Issue = z.core.$ZodIssue

/** The schema's complaints in words. */
export function findingsOf(issues: readonly Issue[], root: Node): Finding[] {
  return issues.flatMap(issue => findingsOfIssue(issue, root, []))
}

function findingsOfIssue(issue: Issue, root: Node, base: Path): Finding[] {
  const path = [...base, ...issue.path] as (string | number)[]
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(path, key))
  if (issue.code === 'invalid_union') return unionFindings(issue.errors, root, path)
  if (issue.code === 'invalid_key') return [invalidKey(path)]
  const found = find(root, path)
  if (found === undefined) return [missing(path)]
  const expected = describeShape(shapeAt(path))
  if (issue.code === 'invalid_value') return [invalidValue(path, found.node, issue.values.map(String), expected)]
  return [{ path, message: `${subject(path)} must be ${expected}${not(found.node, issue)}.`, expected }]
}

function unknownKey(parent: Path, key: string): Finding {
  const known = knownKeys(shapeAt(parent))
  const close = nearest(key, known, 2)
  const meant = close.length > 0 ? `Did you mean ${close.map(name => `"${name}"`).join(' or ')}?` : undefined
  const fix = foreignKeyFix(parent, key) ?? meant
  const where = parent.length === 0 ? 'the configuration' : showPath(parent)
  return {
    path: [...parent, key],
    onKey: true,
    message: `"${key.slice(0, 80)}" is not a key of ${where}.`,
    expected: `one of ${known.join(', ')}`,
    ...(fix === undefined ? {} : { fix }),
  }
}

function invalidKey(path: Path): Finding {
  const names = shapeAt(path.slice(0, -1))?.['propertyNames']
  const expected = describeShape(isObject(names) ? names : undefined)
  return { path, onKey: true, message: `"${String(path.at(-1)).slice(0, 80)}" cannot be a name here.`, expected }
}

function missing(path: Path): Finding {
  const parent = path.slice(0, -1)
  return {
    path: parent,
    message: `"${path.at(-1)}" is missing in ${showPath(parent)}.`,
    expected: `${path.at(-1)}: ${describeShape(shapeAt(path))}`,
  }
}

/** Of a choice's branches, the complaints of the one that was meant: the one whose own kind the value has, and that fits best. */
function unionFindings(errors: readonly (readonly Issue[])[], root: Node, path: Path): Finding[] {
  const meant = errors
    .filter(issues => !issues.some(issue => issue.path.length === 0 && issue.code === 'invalid_type'))
    .map(issues => ({ issues, unknown: issues.filter(issue => issue.code === 'unrecognized_keys').length }))
    .sort((a, b) => a.unknown - b.unknown || a.issues.length - b.issues.length)
  const best = meant[0]
  if (best !== undefined && best.unknown === 0) return best.issues.flatMap(issue => findingsOfIssue(issue, root, path))
  const unknown = errors.flat().find(issue => issue.code === 'unrecognized_keys')
  if (best !== undefined && meant.every(branch => branch.unknown > 0) && unknown?.code === 'unrecognized_keys')
    return unknown.keys.map(key => unknownKey(path, key))
  const expected = describeShape(shapeAt(path))
  const node = find(root, path)?.node
  return [
    {
      path,
      message: `${subject(path)} must be ${expected}${node === undefined ? '' : `, not ${kindOf(node)}`}.`,
      expected,
    },
  ]
}

function invalidValue(path: Path, node: Node, values: readonly string[], expected: string): Finding {
  const given = node.kind === 'scalar' ? asString(node.value) : undefined
  const close = given === undefined ? [] : nearest(given, values, 2)
  const what = given === undefined ? kindOf(node) : isPlainWord(given) ? JSON.stringify(given) : 'This text'
  return {
    path,
    message: `${what} is not a value of ${showPath(path)}.`,
    expected,
    ...(close.length > 0 ? { fix: `Did you mean ${close.map(name => `"${name}"`).join(' or ')}?` } : {}),
  }
}

function subject(path: Path): string {
  return path.length === 0 ? 'The configuration' : showPath(path)
}

/** Says what stands there, where that is not plain from `expected`. Numbers are shown; texts are not, one may be a secret. */
function not(node: Node, issue: Issue): string {
  if (node.kind === 'scalar' && typeof node.value === 'number') return `, not ${node.value}`
  return issue.code === 'invalid_type' ? `, not ${kindOf(node)}` : ''
}

function kindOf(node: Node): string {
  if (node.kind === 'object') return 'an object'
  if (node.kind === 'array') return 'a list'
  if (node.value === null) return 'null'
  return typeof node.value === 'string' ? 'a text' : typeof node.value === 'number' ? 'a number' : String(node.value)
}
