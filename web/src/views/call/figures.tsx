import { callLine } from '../../../../src/admin/live.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { askedOf, costOf, outcomeOf, tokensOf } from '../../call-words.ts'
import { Badge } from '../../parts/badge.tsx'
import { Tile } from '../../parts/tile.tsx'
import { duration, moment, percent, plural } from '../../words.ts'

/** What matters most of a call, at a glance: asked for and served, how it ended, how long, how much, at whose cost. */
export function Figures({ receipt }: { readonly receipt: Receipt }) {
  const line = callLine(receipt)
  const outcome = outcomeOf(line)
  const { route, fallback, cache, billing, status } = line
  return (
    <dl class="tiles call-figures">
      <Tile name="Asked for" value={<Name text={askedOf(line)} />} note={route === undefined ? '' : `route ${route}`} />
      <Tile
        name="Answered by"
        value={<Name text={answeredBy(receipt)} />}
        note={
          <>
            {fallback !== undefined && <Badge mood="warn">fell back from {fallback.from}</Badge>}
            {cache === 'hit' && <Badge>from the cache</Badge>}
            {fallback === undefined && cache !== 'hit' && line.ending === 'complete' && translation(receipt)}
          </>
        }
      />
      <Tile
        name="Outcome"
        value={<Badge mood={outcome.mood}>{outcome.text}</Badge>}
        note={status === 0 ? 'no status was sent' : `HTTP ${status}`}
      />
      <Tile name="Took" value={tookOf(receipt)} note={firstByteOf(receipt)} />
      <Tile name="Tokens in → out" value={tokensOf(line) || 'not told'} note={plural(line.attempts, 'attempt')} />
      <Tile
        name="Cost"
        value={costOf(line) || 'not yet known'}
        note={billing === undefined ? '' : `lane: ${billing}`}
      />
      <Warning receipt={receipt} />
    </dl>
  )
}

/** Names may be long: smaller, and broken where they must. */
function Name({ text }: { readonly text: string }) {
  return <span class="call-name">{text}</span>
}

/** Who answered, or that nobody did. */
export function answeredBy({ attempts, servedModel, ending, cache, operation }: Receipt): string {
  if (attempts.length === 0 && cache !== 'hit') return operation === 'count-tokens' ? 'Candor, an estimate' : 'nobody'
  if (ending === 'failed' || servedModel === undefined) return ending === 'in-flight' ? 'not yet' : 'nobody'
  return servedModel
}

function translation({ clientProtocol, upstreamProtocol }: Receipt): string {
  if (upstreamProtocol === undefined || upstreamProtocol === clientProtocol) return 'passed through'
  return `translated: ${clientProtocol} to ${upstreamProtocol}`
}

/** How long the call took, or has taken so far. */
export function tookOf({ ending, totalUnknown, totalMs, at }: Receipt): string {
  if (ending === 'in-flight') return `${duration(Date.now() - at)} so far`
  return totalUnknown === true ? 'not known' : duration(totalMs)
}

function firstByteOf({ firstByteMs }: Receipt): string {
  return firstByteMs === undefined ? '' : `first byte after ${duration(firstByteMs)}`
}

function Warning({ receipt: { quotaWarning } }: { readonly receipt: Receipt }) {
  if (quotaWarning === undefined) return null
  const { provider, window, remainingPercent, resetsAtMs } = quotaWarning
  const until = resetsAtMs === undefined ? '' : `, resets ${moment(resetsAtMs)}`
  return (
    <Tile
      name="Little is left"
      value={<span class="warn-ink">{percent(remainingPercent)}</span>}
      note={`${provider}, ${window}${until}`}
    />
  )
}
