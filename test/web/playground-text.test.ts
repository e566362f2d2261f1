import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isShownPicture } from '../../web/src/parts/drawn-picture.ts'
import { type Block, openMarkdown } from '../../web/src/parts/markdown-blocks.ts'
import type { Inline } from '../../web/src/parts/markdown-inline.ts'
import { openEventReader } from '../../web/src/parts/playground/sse.ts'

describe('events of a stream', () => {
  const STREAM =
    'data: {"a":1}\r\n\r\n: a comment\nevent: x\ndata:two\ndata: lines\n\nid: 7\n\ndata: é\r\rdata: [DONE]\n\ndata: cut'
  const EVENTS = ['{"a":1}', 'two\nlines', 'é', '[DONE]']

  test('are the same wherever the text is cut in two', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      const reader = openEventReader()
      expect([...reader.push(STREAM.slice(0, at)), ...reader.push(STREAM.slice(at))]).toEqual(EVENTS)
    }
  })

  test('are the same one character at a time', () => {
    const reader = openEventReader()
    expect([...STREAM].flatMap(character => reader.push(character))).toEqual(EVENTS)
  })

  test('without an end are not collected for ever', () => {
    const reader = openEventReader()
    const piece = 'data: '.padEnd(1024 * 1024, 'x')
    expect(() => {
      for (let i = 0; i < 64; i++) reader.push(piece)
    }).toThrow('too large')
  })
})

/** A block in a few characters. */
function shown(block: Block): string {
  switch (block.type) {
    case 'code':
      return `code(${block.text})`
    case 'rule':
      return 'rule'
    case 'list':
      return `${block.ordered ? 'ol' : 'ul'}(${block.items.map(({ depth, inside }) => `${depth}:${line(inside)}`).join('|')})`
    case 'table':
      return `table(${[block.head, ...block.rows].map(row => row.map(line).join(',')).join('|')})`
    default:
      return `${block.type}(${line(block.inside)})`
  }
}

function line(parts: readonly Inline[]): string {
  return parts
    .map(part => {
      if (part.type === 'picture') return `<picture ${part.alt} ${part.url}>`
      if ('inside' in part) return `<${part.type} ${line(part.inside)}>`
      if (part.type === 'link') return `<${part.text} ${part.href}>`
      return part.type === 'code' ? `<code ${part.text}>` : part.text
    })
    .join('')
}

const readMarkdown = (text: string) => openMarkdown().read(text)

describe('Markdown', () => {
  test.each([
    ['one\ntwo\n\nthree', 'paragraph(one\ntwo) paragraph(three)'],
    ['# A `b`\ntext', 'heading(A <code b>) paragraph(text)'],
    ['**bold `x`** and *soft*', 'paragraph(<strong bold <code x>> and <emphasis soft>)'],
    ['**a *b* c**', 'paragraph(<strong a <emphasis b> c>)'],
    ['*a **b** c*', 'paragraph(<emphasis a <strong b> c>)'],
    ['***a** b*', 'paragraph(<emphasis <strong a> b>)'],
    ['***a***', 'paragraph(<emphasis <strong a>>)'],
    ['__a__ _b_ snake_case_name', 'paragraph(<strong a> <emphasis b> snake_case_name)'],
    ['~~no~~ **~~x~~**', 'paragraph(<struck no> <strong <struck x>>)'],
    ['**a *b** c', 'paragraph(*<emphasis a <emphasis b>> c)'],
    ['**a', 'paragraph(**a)'],
    ['**** \\*a\\*', 'paragraph(**** *a*)'],
    ['**[w](https://e.org/x)**', 'paragraph(<strong <w https://e.org/x>>)'],
    ['![dot](data:image/png;base64,QUJD)', 'paragraph(<picture dot data:image/png;base64,QUJD>)'],
    ['![dot](data:image/png;base64,QUJ', 'paragraph((a picture is coming …))'],
    ['![v](data:image/svg+xml;base64,QUJD)', 'paragraph((a picture that is not shown: v))'],
    ['2 * 3 * 4', 'paragraph(2 * 3 * 4)'],
    ['```ts\nconst a = `x`\n\n# no heading\n```\nafter', 'code(const a = `x`\n\n# no heading) paragraph(after)'],
    ['```\nstill coming', 'code(still coming)'],
    ['- a\n- b\n  more\n  - c\n1. d', 'ul(0:a|0:b\nmore|1:c) ol(0:d)'],
    ['> said\n> so', 'quote(said\nso)'],
    ['a\n\n---\n', 'paragraph(a) rule'],
    ['| a | b |\n|---|--:|\n| 1 | `2` | 3 |\nend', 'table(a,b|1,<code 2>) paragraph(end)'],
    ['[w](https://e.org/x) http://e.org', 'paragraph(<w https://e.org/x> <http://e.org http://e.org/>)'],
    ['[x](javascript:alert(1)) [y](data:text/html,z)', 'paragraph([x](javascript:alert(1)) [y](data:text/html,z))'],
    ['<b>no</b> ![i](https://e.org/i.png)', 'paragraph(<b>no</b> !<i https://e.org/i.png>)'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(readMarkdown(text).map(shown).join(' ')).toBe(expected)
  })

  test('is read while it comes as it is read at once, and what is settled stays the same', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '\n\n',
      '---',
      '- ',
      '1. ',
      '# ',
      '> ',
      '|',
      '|-|',
      '```',
      '**',
      '\r\n',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (pieces, step) => {
        const text = pieces.join('')
        const reader = openMarkdown()
        for (let end = step; end < text.length + step; end += step)
          expect(reader.read(text.slice(0, end))).toEqual(readMarkdown(text.slice(0, end)))
      }),
    )
    const reader = openMarkdown()
    const [first] = reader.read('one\n\ntwo\n\nthree\n\nfo')
    expect(reader.read('one\n\ntwo\n\nthree\n\nfour\n\nfive')[0]).toBe(first)
    expect(reader.read('another')).toEqual(readMarkdown('another'))
  })

  test('reads anything, and every link leads to the web', () => {
    const piece = fc.constantFrom(
      '`',
      '*',
      '**',
      '[',
      '](',
      ')',
      'http://',
      'javascript:',
      '|',
      '\n',
      '- ',
      '> ',
      '```',
      '#',
      ' ',
      'x',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const links = JSON.stringify(readMarkdown(pieces.join(''))).matchAll(/"href":"([^"]*)"/g)
        for (const [, href] of links) expect(href).toMatch(/^https?:/)
      }),
    )
  })

  test.each([
    '*',
    '**a ',
    '*a',
    '**a*',
    '_a ',
    '~~',
    '`',
    '![](data:a/b;base64,A',
    '\\',
    '[',
    '[a](',
    'http://',
    '| ',
    '- ',
    '> ',
    '# ',
    '`x\n',
  ])('is not slowed down by %j', piece => {
    const began = performance.now()
    readMarkdown(piece.repeat(200_000 / piece.length))
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

test.each([
  { url: 'data:image/png;base64,QUJD', shown: true },
  { url: 'data:image/webp;base64,QUJD', shown: true },
  { url: 'data:image/svg+xml;base64,QUJD', shown: false },
  { url: 'data:text/html;base64,QUJD', shown: false },
  { url: 'https://example.com/a.png', shown: false },
  { url: `data:image/png;base64,${'A'.repeat(9 * 1024 * 1024)}`, shown: false },
])('a picture a model draws, number $#, is shown: $shown', ({ url, shown }) => {
  expect(isShownPicture(url)).toBe(shown)
})
