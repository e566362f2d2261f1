import type { Receipt } from '../../src/ledger/receipt.ts'
import type { Seen } from './storm-call.ts'
import { type Received, tagIn } from './storm-providers.ts'
import type { Storm } from './storm-run.ts'

/** Things grouped by a text. */
export function groupBy<T>(items: readonly T[], by: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(by(item))
    if (group === undefined) groups.set(by(item), [item])
    else group.push(item)
  }
  return groups
}

/** The tag of the call a receipt is of. */
export const tagOf = ({ client }: Receipt): string => tagIn(client)

/** Faults that take a piece out of an answer in a way nobody can see: what is left is valid by the rules of its stream. */
const SPOILING = /^(?:garbage|malformed|gzip-bomb)/

/** Whether one of the requests of a call had an answer made illegible. */
export function spoiled(requests: readonly Received[] | undefined): boolean {
  return (requests ?? []).some(({ fault }) => fault !== undefined && SPOILING.test(fault))
}

/** Each call a client made has one receipt, and there are no others. A client that left at once may not have been heard. */
export function receiptFaults({ report, receipts }: Storm): string[] {
  const faults: string[] = []
  const byTag = groupBy(receipts, tagOf)
  const calls = new Set(report.calls.map(({ tag }) => tag))
  for (const { tag, came, headers } of report.calls) {
    const found = byTag.get(tag) ?? []
    const id = headers['candor-request-id']
    if (found.length !== 1 && (found.length > 1 || came !== 'left' || id !== undefined))
      faults.push(`${tag} (${came}): ${found.length} receipts`)
    if (id !== undefined && found[0]?.id !== id) faults.push(`${tag}: ${id} is not ${found[0]?.id}`)
  }
  for (const receipt of receipts) if (!calls.has(tagOf(receipt))) faults.push(`${receipt.id}: a call nobody made`)
  if (new Set(receipts.map(({ id }) => id)).size !== receipts.length) faults.push('an id comes twice')
  return faults
}

const ENDINGS: Readonly<Record<Seen['came'], readonly Receipt['ending'][]>> = {
  complete: ['complete'],
  refused: ['failed', 'truncated'],
  told: ['failed', 'truncated'],
  // The gateway may have been done, or have refused, before it heard that the client was gone.
  left: ['abandoned', 'complete', 'failed', 'truncated'],
  spoiled: ['complete', 'failed', 'truncated'],
  odd: [],
}

/** What the client saw is what the receipt says. */
export function endingFaults({ report, receipts, received }: Storm): string[] {
  const byTag = new Map(receipts.map(receipt => [tagOf(receipt), receipt]))
  const requests = groupBy(received, ({ tag }) => tag)
  const wasSpoiled = (receipt: Receipt) => spoiled(requests.get(tagOf(receipt)))
  // An answer that nobody could see to be spoiled is kept like any other.
  const spoiledCaches = new Set(
    receipts.filter(each => each.cache === 'miss' && wasSpoiled(each)).map(({ key }) => key?.id),
  )
  return report.calls.flatMap(seen => {
    const receipt = byTag.get(seen.tag)
    const spoiling =
      receipt !== undefined && (wasSpoiled(receipt) || (receipt.cache === 'hit' && spoiledCaches.has(receipt.key?.id)))
    if (seen.came === 'odd' || (seen.came === 'spoiled' && !spoiling))
      return [`${seen.tag} ${seen.protocol} ${seen.model} ${seen.words}`]
    return receipt === undefined ? [] : [...unlike(seen, receipt)].map(what => `${seen.tag} ${receipt.id}: ${what}`)
  })
}

function* unlike(
  { came, code, status, headers, key, model, stream, protocol }: Seen,
  receipt: Receipt,
): Iterable<string> {
  const { ending, problem, fallback } = receipt
  if (!ENDINGS[came].includes(ending)) yield `${came} is not ${ending}`
  if (code !== undefined && code !== problem?.code) yield `${code} is not ${problem?.code}`
  if (came === 'complete' && problem !== undefined) yield `complete, with ${problem.code}`
  if (status !== undefined && status !== receipt.status) yield `status ${status} is not ${receipt.status}`
  if (receipt.key !== undefined && receipt.key.name !== key) yield `the key ${key} is not ${receipt.key.name}`
  // Of a stranger nothing is read, not even what it asks for.
  const isUnread = problem?.code === 'unauthorized' && receipt.requestedModel === ''
  const isAsked = isUnread || (model === receipt.requestedModel && stream === receipt.stream)
  if (!isAsked || protocol !== receipt.clientProtocol) yield 'another call'
  if (status === undefined) return
  const fell = fallback === undefined ? undefined : `from=${fallback.from}; reason=${fallback.reason}`
  if (headers['candor-fallback'] !== fell) yield `the header says ${headers['candor-fallback']}, the receipt ${fell}`
  if (headers['candor-model'] !== receipt.servedModel)
    yield `the header says ${headers['candor-model']}, the receipt ${receipt.servedModel}`
  if (headers['candor-billing'] !== receipt.billing)
    yield `the header says ${headers['candor-billing']}, the receipt ${receipt.billing}`
  if (headers['candor-attempts'] !== String(receipt.attempts.length))
    yield `the header says ${headers['candor-attempts']} attempts, the receipt ${receipt.attempts.length}`
}

/** A withdrawn key is refused, always; and nobody else for that reason. */
export function withdrawalFaults({ report }: Storm): string[] {
  return report.calls.flatMap(({ tag, key, withdrawn, came, code }) => {
    const refused = code === 'unauthorized'
    if (withdrawn && came !== 'left' && !refused) return [`${tag}: ${key} was withdrawn, and the call is ${came}`]
    return refused && !/^(?:revoked|rotated)/.test(key) ? [`${tag}: ${key} is in force, and was refused`] : []
  })
}

/** A kept answer is given only for a question the same key asked before, asks nobody and costs nothing. */
export function cacheFaults({ receipts, report }: Storm): string[] {
  const repeats = new Set(report.calls.filter(call => call.repeats).map(({ tag }) => tag))
  const asked = new Set<string>()
  return receipts.flatMap(receipt => {
    const { id, cache, attempts, cost, key, billing } = receipt
    const again = repeats.has(tagOf(receipt))
    if (cache === 'miss' && again) asked.add(key?.id ?? '')
    if (cache !== 'hit') return []
    const free = attempts.length === 0 && cost.type === 'none' && billing === undefined
    return again && free && asked.has(key?.id ?? '') ? [] : [`${id} of ${key?.name}: a hit that should be none`]
  })
}
