/** Splits Markdown that comes in pieces into blocks that can be drawn as they are whole. */
export interface BlockReader {
  /** The blocks this piece completes. */
  push(text: string): readonly string[]
  /** What is left at the end. */
  finish(): readonly string[]
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/

/** A block ends at an empty line; inside a fence of code there is no end but the fence's own. */
export function openBlockReader(): BlockReader {
  let rest = ''
  let block: string[] = []
  let fence: string | undefined

  function take(line: string, blocks: string[]): void {
    const mark = FENCE.exec(line)?.[1]
    if (fence === undefined && line.trim() === '') {
      close(blocks)
      return
    }
    block.push(line)
    if (mark === undefined) return
    if (fence === undefined) fence = mark
    else if (mark.startsWith(fence) && line.trim() === mark) {
      fence = undefined
      close(blocks)
    }
  }

  function close(blocks: string[]): void {
    if (block.length > 0) blocks.push(block.join('\n'))
    block = []
  }

  return {
    push(text) {
      const blocks: string[] = []
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line, blocks)
      return blocks
    },
    finish() {
      const blocks: string[] = []
      if (rest !== '') take(rest, blocks)
      rest = ''
      close(blocks)
      return blocks
    },
  }
}
