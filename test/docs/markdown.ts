import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project/source.ts'

/** A fenced block. */
export interface CodeBlock {
  /** `sh`, `json5`, … */
  readonly language: string
  readonly text: string
  /** Line of the opening fence, from 1. */
  readonly line: number
  /** The HTML comment in the line above it, without its marks; empty if there is none. */
  readonly mark: string
}

/** A heading with everything below it, up to the next heading of its level or above. */
export interface Section {
  readonly level: number
  readonly title: string
  readonly lines: readonly string[]
}

/** A page people read. */
export interface Page {
  /** From the project's folder. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
  /** Its lines with everything inside fences emptied, so that line numbers stay. */
  readonly prose: readonly string[]
}

/** Every Markdown page of the project's root and of docs. */
export function readPages(): readonly Page[] {
  const names = (folder: string) => readdirSync(join(projectRoot, folder)).filter(name => name.endsWith('.md'))
  return [...names('.'), ...names('docs').map(name => `docs/${name}`)].sort().map(readPage)
}

/** One page. Throws if there is none. */
export function readPage(path: string): Page {
  return pageOf(path, readFileSync(join(projectRoot, path), 'utf8'))
}

/** A page from a text. */
export function pageOf(path: string, text: string): Page {
  const blocks: CodeBlock[] = []
  const prose: string[] = []
  let open: { language: string; line: number; mark: string; lines: string[] } | undefined
  let before = ''
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line)
    if (open === undefined && fence !== null) {
      const mark = /^<!--\s*(.*?)\s*-->$/.exec(before)?.[1] ?? ''
      open = { language: fence[1] ?? '', line: index + 1, mark, lines: [] }
    } else if (open !== undefined && fence !== null) {
      blocks.push({ ...open, text: open.lines.join('\n') })
      open = undefined
    } else open?.lines.push(line)
    prose.push(open === undefined && fence === null ? line : '')
    before = line
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: a block is never closed`)
  return { path, text, blocks, prose }
}

/** The sections of a page whose heading has this level. */
export function sectionsOf(page: Page, level: number): readonly Section[] {
  const sections: { level: number; title: string; lines: string[] }[] = []
  let current: { level: number; title: string; lines: string[] } | undefined
  for (const line of page.prose) {
    const heading = /^(#{1,6}) (.+)$/.exec(line)
    const depth = heading?.[1]?.length ?? 7
    if (depth === level) {
      current = { level, title: heading?.[2] ?? '', lines: [] }
      sections.push(current)
    } else if (depth < level) current = undefined
    else current?.lines.push(line)
  }
  return sections
}

/** The tables among the lines: their rows, each a list of cells, the first row being the titles. */
export function tablesIn(lines: readonly string[]): readonly (readonly (readonly string[])[])[] {
  const tables: string[][][] = []
  let rows: string[][] | undefined
  for (const line of lines) {
    if (!line.startsWith('|')) {
      rows = undefined
      continue
    }
    const cells = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map(cell => cell.trim().replaceAll('\\|', '|'))
    if (rows === undefined) {
      rows = [cells]
      tables.push(rows)
    } else if (!cells.every(cell => /^:?-+:?$/.test(cell))) rows.push(cells)
  }
  return tables
}

/** A cell or word without its backticks. */
export function bare(cell: string): string {
  return cell.replace(/^`+|`+$/g, '')
}

/** The anchors a page's headings have, by GitHub's rule: lower case, punctuation gone, spaces as dashes. */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const line of page.prose) {
    const title = /^#{1,6} (.+)$/.exec(line)?.[1]
    if (title === undefined) continue
    const plain = title.replace(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

/** What stands in backticks in the running text, with its line. */
export function inlineCode(page: Page): readonly { readonly text: string; readonly line: number }[] {
  return page.prose.flatMap((line, index) =>
    [...line.matchAll(/(`+)(.+?)\1/g)].map(match => ({ text: match[2] ?? '', line: index + 1 })),
  )
}

/** The targets of a page's links and images, with their line. */
export function linksIn(page: Page): readonly { readonly target: string; readonly line: number }[] {
  return page.prose.flatMap((line, index) => {
    const text = line.replace(/(`+)(.+?)\1/g, '')
    return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(match => ({ target: match[1] ?? '', line: index + 1 }))
  })
}
