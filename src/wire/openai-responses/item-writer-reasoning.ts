import { packReasoning, unpackReasoning } from '../../canon/reasoning-carrier.ts'
import { idIn, splitReasoning } from './item-reasoning.ts'
import {
  type BlockWriter,
  type Delta,
  type ItemStatus,
  type ItemWriter,
  itemFields,
  type Scene,
  strange,
} from './item-writer.ts'
import { PROTOCOL } from './protocol.ts'

/**
 * Begins a `reasoning` item for a block. Foreign reasoning is told as a summary while it comes. This protocol's own is told when its block
 * stops: only its carrier says which pieces and which id it had, and it is given out only where a whole reply becomes a stream or the reverse.
 */
export function openReasoningWriter(redacted: string | undefined, scene: Scene): BlockWriter & ItemWriter {
  return scene.from === PROTOCOL ? ownWriter(redacted, scene) : foreignWriter(redacted, scene)
}

function foreignWriter(redacted: string | undefined, scene: Scene): BlockWriter & ItemWriter {
  let sealed = redacted === undefined ? undefined : seal(redacted, 'redacted')
  const item = openItem(scene.newId('rs'), scene)
  let piece: PieceWriter | undefined
  let open = true
  return {
    idle: () => !open,
    delta(delta: Delta) {
      if (delta.type === 'signature') sealed = seal(delta.signature, 'signature')
      else if (delta.type !== 'text') strange(delta, scene)
      else if (delta.text !== '') {
        piece ??= item.piece('summary')
        piece.say(delta.text)
      }
    },
    stop() {
      open = false
      piece?.end()
    },
    close: (status: ItemStatus) => item.close(status, sealed ?? packReasoning({ origin: scene.from })),
  }
}

/** What is not a carrier yet is Anthropic's own: packed, so that it comes back by that name and not as this protocol's. */
function seal(words: string, field: 'signature' | 'redacted'): string {
  return unpackReasoning(words) === undefined ? packReasoning({ origin: 'anthropic-messages', [field]: words }) : words
}

function ownWriter(redacted: string | undefined, scene: Scene): BlockWriter & ItemWriter {
  let carrier = redacted
  let text = ''
  let open = true
  let end = (_status: ItemStatus) => {}

  function write(): void {
    const carried = carrier === undefined ? undefined : unpackReasoning(carrier)
    const own = carried?.origin === PROTOCOL
    const signature = own ? carried.signature : carrier
    const details = (own ? carried.details : undefined) ?? []
    const item = openItem(idIn(details) || scene.newId('rs'), scene)
    for (const part of splitReasoning(text, details)) {
      const piece = item.piece(part.field)
      piece.say(part.text)
      piece.end()
    }
    end = status => item.close(status, signature)
  }

  return {
    idle: () => !open,
    delta(delta: Delta) {
      if (delta.type === 'text') text += delta.text
      else if (delta.type === 'signature') carrier = delta.signature
      else strange(delta, scene)
    },
    stop() {
      open = false
      write()
    },
    close: status => end(status),
  }
}

interface PieceWriter {
  say(text: string): void
  end(): void
}

interface ReasoningItemWriter {
  piece(field: 'summary' | 'content'): PieceWriter
  close(status: ItemStatus, sealed: string | undefined): void
}

/** How the two kinds of pieces word the same things. */
const WORDS = {
  summary: {
    index: 'summary_index',
    type: 'summary_text',
    added: 'response.reasoning_summary_part.added',
    delta: 'response.reasoning_summary_text.delta',
    textDone: 'response.reasoning_summary_text.done',
    done: 'response.reasoning_summary_part.done',
  },
  content: {
    index: 'content_index',
    type: 'reasoning_text',
    added: 'response.content_part.added',
    delta: 'response.reasoning_text.delta',
    textDone: 'response.reasoning_text.done',
    done: 'response.content_part.done',
  },
} as const

function openItem(id: string, scene: Scene): ReasoningItemWriter {
  const head = `{"id":${JSON.stringify(id)},"type":"reasoning"`
  const place = scene.add(`${head},"status":"in_progress","summary":[]}`)
  const pieces: { readonly summary: string[]; readonly content: string[] } = { summary: [], content: [] }
  return {
    piece(field) {
      const words = WORDS[field]
      const fields = `${itemFields(id, place)},"${words.index}":${pieces[field].length}`
      const deltaFields = `${fields},"delta":`
      let said = ''
      scene.write(words.added, `${fields},"part":{"type":"${words.type}","text":""}`)
      return {
        say(text) {
          said += text
          scene.write(words.delta, `${deltaFields}${JSON.stringify(text)}`)
        },
        end() {
          const text = JSON.stringify(said)
          const part = `{"type":"${words.type}","text":${text}}`
          pieces[field].push(part)
          scene.write(words.textDone, `${fields},"text":${text}`)
          scene.write(words.done, `${fields},"part":${part}`)
        },
      }
    },
    close(status, sealed) {
      const content = pieces.content.length === 0 ? '' : `,"content":[${pieces.content.join(',')}]`
      const encrypted = sealed === undefined ? '' : `,"encrypted_content":${JSON.stringify(sealed)}`
      scene.finish(place, `${head},"status":"${status}","summary":[${pieces.summary.join(',')}]${content}${encrypted}}`)
    },
  }
}
