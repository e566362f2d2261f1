import './markdown.css'
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { type Block, openMarkdown } from './markdown-blocks.ts'
import type { Inline } from './markdown-inline.ts'
import { TableFrame } from './table-frame.tsx'

/** A text in Markdown that a stranger wrote, as elements: nothing in it is markup, and nothing is fetched. */
export function Markdown({ text }: { readonly text: string }) {
  const [reader] = useState(openMarkdown)
  const [drawn] = useState(() => new WeakMap<Block, JSX.Element>())
  const elements = useMemo(
    () =>
      reader.read(text).map((block, place) => {
        const element = drawn.get(block) ?? blockElement(block, place)
        drawn.set(block, element)
        return element
      }),
    [text, reader, drawn],
  )
  return <div class="markdown">{elements}</div>
}

/** The text only grows, so a block keeps its place: that is its name. An element that stays the same object is not compared again. */
function blockElement(block: Block, place: number) {
  switch (block.type) {
    case 'heading':
      return (
        <p key={place} class="markdown-heading">
          {block.inside.map(inlineElement)}
        </p>
      )
    case 'paragraph':
      return <p key={place}>{block.inside.map(inlineElement)}</p>
    case 'quote':
      return <blockquote key={place}>{block.inside.map(inlineElement)}</blockquote>
    case 'code':
      return (
        <pre key={place} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      )
    case 'rule':
      return <hr key={place} />
    case 'list':
      return <List key={place} block={block} />
    case 'table':
      return <Table key={place} block={block} />
  }
}

function List({ block }: { readonly block: Extract<Block, { type: 'list' }> }) {
  const items = block.items.map(({ depth, inside }, place) => (
    <li key={place} class={`depth-${depth}`}>
      {inside.map(inlineElement)}
    </li>
  ))
  return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>
}

function Table({ block }: { readonly block: Extract<Block, { type: 'table' }> }) {
  return (
    <TableFrame title="Table of the answer">
      <table>
        <thead>
          <tr>
            {block.head.map((cell, place) => (
              <th key={place} scope="col">
                {cell.map(inlineElement)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, place) => (
                <td key={place}>{cell.map(inlineElement)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function inlineElement(part: Inline, place: number) {
  switch (part.type) {
    case 'text':
      return part.text
    case 'code':
      return <code key={place}>{part.text}</code>
    case 'strong':
      return <strong key={place}>{part.inside.map(inlineElement)}</strong>
    case 'emphasis':
      return <em key={place}>{part.inside.map(inlineElement)}</em>
    case 'struck':
      return <s key={place}>{part.inside.map(inlineElement)}</s>
    case 'picture':
      return <img key={place} src={part.url} alt={part.alt === '' ? 'A picture the model drew' : part.alt} />
    case 'link':
      return (
        <a key={place} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      )
  }
}
