import type { Event } from '../../src/canon/event.ts'
import type { StopReason } from '../../src/canon/stop.ts'
import { mergeUsage, type Usage } from '../../src/canon/usage.ts'

/** What a reader of the first answer learns from a reply, however it is cut into blocks. */
export interface Substance {
  readonly text: string
  readonly refusal: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  /**
   * Why it ended: `refused` wherever a refusal was spoken, which some protocols call an end like any other; `failure` where it broke, for
   * the code is told in words that not every protocol can be read back from.
   */
  readonly ending: string
  readonly usage: Usage | undefined
}

/** The substance of a series of events. Other answers than the first are what several protocols cannot say. */
export function substanceOf(events: readonly Event[]): Substance {
  const texts = { text: '', refusal: '', reasoning: '' }
  const calls: { name: string; input: unknown }[] = []
  let ending = 'none'
  let usage: Usage | undefined
  for (const [index, content] of blocksOf(events)) {
    const { block, choice } = content
    if (choice !== 0 || block.type === 'opaque') continue
    if (block.type === 'tool-call') calls.push({ name: block.name, input: inputOf(textIn(events, index)) })
    else texts[block.type] += textIn(events, index)
  }
  for (const event of events) {
    if (event.type === 'choice-stop' && event.choice === 0)
      ending = texts.refusal === '' ? endingOf(event.reason, calls.length > 0) : 'refused'
    if (event.type === 'failure') ending = 'failure'
    if (event.type === 'usage') usage = mergeUsage(usage, { ...event.usage, raw: {} })
  }
  return { ...texts, calls, ending, usage }
}

/** The reasons every protocol can tell apart. */
function endingOf(reason: StopReason, called: boolean): string {
  if (reason === 'refusal' || reason === 'content-filter') return 'refused'
  if (reason === 'length' || reason === 'context-full') return 'length'
  return called ? 'tool-calls' : 'end'
}

function blocksOf(events: readonly Event[]) {
  return events.flatMap(event => (event.type === 'block-start' ? [[event.index, event] as const] : []))
}

function textIn(events: readonly Event[], index: number): string {
  const pieces = events.map(event => {
    if (event.type !== 'block-delta' || event.index !== index) return ''
    return event.delta.type === 'text' || event.delta.type === 'input' ? event.delta.text : ''
  })
  return pieces.join('')
}

/** Arguments are compared as values: spaces inside them mean nothing. */
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    return text
  }
}
