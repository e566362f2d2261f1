import samples from './samples.json'
import { type Source, sourceOf } from './source.ts'

/** One breach of a rule. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly what: string
}

/** A law of the project, as something a test can hold. */
export interface Rule {
  readonly name: string
  /** Why the project has it. */
  readonly reason: string
  /** What to do about a breach. */
  readonly fix: string
  find(sources: readonly Source[]): readonly Finding[]
}

/** Judges each file by itself. */
export function eachFile(
  find: (source: Source) => Iterable<Omit<Finding, 'path'>>,
  applies: (path: string) => boolean = () => true,
): Rule['find'] {
  return sources =>
    sources
      .filter(source => applies(source.path))
      .flatMap(source => [...find(source)].map(found => ({ path: source.path, ...found })))
}

/** The breaches as lines to print. */
export function report(rule: Rule, findings: readonly Finding[]): string[] {
  return findings.map(found => `${found.path}:${found.line}: ${found.what}. Why: ${rule.reason} Fix: ${rule.fix}`)
}

/** Small projects that a rule must refuse (`bad`) and accept (`good`), each a map from path to text. */
export interface RuleSamples {
  readonly bad: readonly (readonly Source[])[]
  readonly good: readonly (readonly Source[])[]
}

const allSamples: Readonly<Record<string, { readonly bad: readonly object[]; readonly good: readonly object[] }>> =
  samples

/** The samples of a rule, from samples.json: kept as data, so that no rule finds its own samples. */
export function samplesOf(rule: Rule): RuleSamples {
  const own = allSamples[rule.name]
  const read = (cases: readonly object[] = []) =>
    cases.map(files => Object.entries(files).map(([path, text]) => sourceOf(path, String(text))))
  return { bad: read(own?.bad), good: read(own?.good) }
}

/** Names in samples.json that belong to none of the rules. */
export function strayNames(rules: readonly Rule[], others: readonly Rule[]): string[] {
  const known = new Set([...rules, ...others].map(rule => rule.name))
  return Object.keys(allSamples).filter(name => !known.has(name))
}
