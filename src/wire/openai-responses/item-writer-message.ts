import { asArray, asNumber, asString, isObject, type JsonObject, type JsonValue } from '../../base/json-value.ts'
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

/** A message under construction: texts that follow each other are parts of one. */
export interface MessageWriter extends ItemWriter {
  part(kind: 'text' | 'refusal'): BlockWriter
}

/** Begins a `message`. */
export function openMessageWriter(scene: Scene): MessageWriter {
  const id = scene.newId('msg')
  const head = `{"id":${JSON.stringify(id)},"type":"message","role":"assistant"`
  const place = scene.add(`${head},"status":"in_progress","content":[]}`)
  /** The JSON of each part; undefined while it is open. */
  const parts: (string | undefined)[] = []
  let open = 0

  return {
    idle: () => open === 0,
    part(kind) {
      const at = parts.length
      const fields = `${itemFields(id, place)},"content_index":${at}`
      parts.push(undefined)
      open += 1
      const end = (part: string) => {
        parts[at] = part
        open -= 1
        scene.write('response.content_part.done', `${fields},"part":${part}`)
      }
      return kind === 'text' ? textWriter(fields, end, scene) : refusalWriter(fields, end, scene)
    },
    close: (status: ItemStatus) => scene.finish(place, `${head},"status":"${status}","content":[${parts.join(',')}]}`),
  }
}

function textWriter(fields: string, end: (part: string) => void, scene: Scene): BlockWriter {
  const deltaFields = `${fields},"delta":`
  const annotations: JsonValue[] = []
  /** Foreign citations are over the whole block, so their places are known at its end. */
  const foreign: JsonValue[] = []
  const logprobs: JsonValue[] = []
  let text = ''
  scene.write('response.content_part.added', `${fields},"part":${textPart('""', annotations, logprobs)}`)

  function say(more: string, probabilities: readonly JsonValue[]): void {
    const told = probabilities.length === 0 ? '[]' : JSON.stringify(probabilities)
    scene.write('response.output_text.delta', `${deltaFields}${JSON.stringify(more)},"logprobs":${told}`)
  }

  /** They come behind their text, so an event of their own has them. */
  function addLogprobs(value: JsonObject): void {
    const list = asArray(value.content)
    if (list.length === 0) {
      scene.unsaid('logprobs')
      return
    }
    for (const entry of list) logprobs.push(entry)
    say('', list)
  }

  function annotate(annotation: JsonValue): void {
    const at = `${fields},"annotation_index":${annotations.length}`
    annotations.push(annotation)
    scene.write('response.output_text.annotation.added', `${at},"annotation":${JSON.stringify(annotation)}`)
  }

  return {
    delta(delta: Delta) {
      if (delta.type === 'text') {
        if (delta.text === '') return
        text += delta.text
        say(delta.text, [])
      } else if (delta.type === 'citation') {
        if (scene.from === PROTOCOL) annotate(delta.value)
        else foreign.push(delta.value)
      } else if (delta.type === 'logprobs') {
        addLogprobs(delta.value)
      } else strange(delta, scene)
    },
    stop() {
      for (const value of foreign) {
        const annotation = urlCitation(value, text.length)
        if (annotation === undefined) scene.unsaid(`citation ${citationType(value)}`)
        else annotate(annotation)
      }
      const said = JSON.stringify(text)
      scene.write('response.output_text.done', `${fields},"text":${said},"logprobs":${JSON.stringify(logprobs)}`)
      end(textPart(said, annotations, logprobs))
    },
  }
}

function textPart(text: string, annotations: readonly JsonValue[], logprobs: readonly JsonValue[]): string {
  const lists = `"annotations":${JSON.stringify(annotations)},"logprobs":${JSON.stringify(logprobs)}`
  return `{"type":"output_text",${lists},"text":${text}}`
}

function refusalWriter(fields: string, end: (part: string) => void, scene: Scene): BlockWriter {
  let text = ''
  scene.write('response.content_part.added', `${fields},"part":{"type":"refusal","refusal":""}`)
  return {
    delta(delta: Delta) {
      if (delta.type !== 'text') {
        strange(delta, scene)
        return
      }
      if (delta.text === '') return
      text += delta.text
      scene.write('response.refusal.delta', `${fields},"delta":${JSON.stringify(delta.text)}`)
    },
    stop() {
      const said = JSON.stringify(text)
      scene.write('response.refusal.done', `${fields},"refusal":${said}`)
      end(`{"type":"refusal","refusal":${said}}`)
    },
  }
}

function citationType(citation: JsonValue): string {
  return (isObject(citation) ? asString(citation.type) : undefined) ?? 'without a type'
}

/** A foreign citation of a page on the web; undefined if it names none. Where it does not say so, it is about the whole text. */
function urlCitation(citation: JsonValue, length: number): JsonObject | undefined {
  if (!isObject(citation)) return undefined
  const told = isObject(citation.url_citation) ? citation.url_citation : citation
  const url = asString(told.url)
  if (url === undefined || !URL_CITATIONS.has(citationType(citation))) return undefined
  return {
    type: 'url_citation',
    start_index: asNumber(told.start_index) ?? 0,
    end_index: asNumber(told.end_index) ?? length,
    url,
    title: asString(told.title) ?? url,
  }
}

/** What Chat Completions and Anthropic call a citation of a web page. */
const URL_CITATIONS = new Set(['url_citation', 'web_search_result_location'])
