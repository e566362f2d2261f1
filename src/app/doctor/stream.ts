import { plural, showDuration } from '../../admin/story/amounts.ts'
import { oneLine } from '../../base/one-line.ts'
import type { Check, Found } from './check.ts'
import { SHORT_STREAM, type ShortCall, shortCall } from './short-call.ts'

/** An answer that is made for so long and comes at one moment was held back on the way. */
const HELD_BACK_MS = 1_000

/** A stream comes over this share of the whole time, or more. */
const SPREAD_LEAST = 0.1

/** Whether a stream arrives as it is made: proxies may keep it until it is whole. One more call, with the first key that answered. */
export const streamCheck: Check = {
  id: 'stream',
  about: 'one streamed call: does it arrive as it is made?',
  asks: true,
  async run({ probe, probed }, tell) {
    if (!probe) return
    for await (const { answered } of probed()) {
      if (answered === undefined) continue
      return tell(streamFinding(answered.ref, await shortCall(answered.ref, SHORT_STREAM, answered.house)))
    }
    tell({ id: 'stream', severity: 'info', message: 'No stream was tried: no provider answered.' })
  },
}

function streamFinding(ref: string, { receipt, piecesMs }: ShortCall): Found {
  const { problem } = receipt
  if (problem !== undefined)
    return {
      id: `stream.${problem.code}`,
      severity: 'error',
      message: `A whole answer of ${ref} came, a streamed one did not: ${oneLine(problem.what, 500)}`,
      ...(problem.fix === undefined || problem.fix.length === 0 ? {} : { fixHint: problem.fix.join(' ') }),
    }
  const [first, last] = [piecesMs[0] ?? 0, piecesMs.at(-1) ?? 0]
  if (piecesMs.length > 1 && last - first >= SPREAD_LEAST * last)
    return {
      id: 'stream',
      severity: 'ok',
      message: `A stream of ${ref} came as it was made: ${plural(piecesMs.length, 'piece')}, the first after ${showDuration(first)}, the last after ${showDuration(last)}.`,
    }
  if (last < HELD_BACK_MS)
    return {
      id: 'stream',
      severity: 'info',
      message: `A stream of ${ref} was whole after ${showDuration(last)}: too soon to see whether something holds streams back.`,
    }
  return {
    id: 'stream.held-back',
    severity: 'warning',
    message: `A stream of ${ref} took ${showDuration(last)} and then came at one moment: something on the way holds streams back, a proxy most likely.`,
    fixHint: 'Turn off buffering there (nginx: proxy_buffering off), or reach the provider without it: NO_PROXY.',
  }
}
