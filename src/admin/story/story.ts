import { oneLine } from '../../base/one-line.ts'
import { inputTotal } from '../../canon/usage.ts'
import type { Receipt } from '../../ledger/receipt.ts'
import { chargedWords, hasBound, plural, showCost, showDuration, showTime, showUsage } from './amounts.ts'
import { attemptSentences, because, keyOf, passedSentences, refOf } from './attempts.ts'

/**
 * A receipt told to a person, one sentence or two a paragraph: asked for, passed over, tried and refused because, served by, in how long, at
 * whose cost, and how it ended. `now` (milliseconds since 1970) is only used for a call that still runs.
 */
export function tellStory(receipt: Receipt, now: number): readonly string[] {
  return [
    `${receipt.id}, ${showTime(receipt.at)}`,
    asked(receipt),
    ...passedSentences(receipt.passed),
    ...attemptSentences(receipt),
    ...ended(receipt, now),
    ...lost(receipt),
    ...counts(receipt),
  ]
}

const ASKED: Readonly<Record<Receipt['operation'], string>> = {
  generate: 'Asked',
  'count-tokens': 'Asked to count tokens',
  embed: 'Asked for embeddings,',
}

function asked({ operation, requestedModel, client, clientProtocol, stream, route, key }: Receipt): string {
  const name = requestedModel === '' ? 'without naming a model' : `for ${oneLine(requestedModel)}`
  const what =
    route === undefined ? name : `${name}, ${route === requestedModel ? 'a route' : `the route ${oneLine(route)}`},`
  const task = `${ASKED[operation]} ${what}`
  const who = client === '' ? 'a client that gave no name' : oneLine(client)
  const with_ = key === undefined ? '' : ` with the gateway key "${oneLine(key.name)}"`
  return `${task} by ${who}${with_}, over ${clientProtocol}${stream ? ', as a stream' : ''}.`
}

/** How it ended, each in its own words: nothing that was cut, left or stopped is told as if it were whole. */
function ended(receipt: Receipt, now: number): readonly string[] {
  const took = receipt.totalUnknown === true ? '' : ` after ${showDuration(receipt.totalMs)}`
  switch (receipt.ending) {
    case 'complete':
      return [served(receipt)]
    case 'failed':
      return failed(receipt, took)
    case 'truncated':
      return [
        `${where(receipt)} began to answer, and the answer broke off${took}. ${because(receipt.problem)}`,
        receipt.status === 200
          ? 'The client got what had come, and was told that it is not whole.'
          : 'The client got none of it, and was told why.',
        ...spent(receipt),
      ]
    case 'abandoned':
      return [`The client left${took}, before the answer was whole; ${asking(receipt)}.`, ...spent(receipt)]
    case 'interrupted':
      return [
        receipt.totalUnknown === true
          ? `Candor stopped while the call ran. Whether ${where(receipt)} answered is not known, nor what it cost.`
          : `Candor was stopped while the call ran${took === '' ? '' : `, ${took.trim()}`}, and told the client so.`,
        ...(receipt.totalUnknown === true ? [] : spent(receipt)),
      ]
    case 'in-flight':
      return [`Still running, for ${showDuration(Math.max(0, now - receipt.at))} now.`]
  }
}

function served(receipt: Receipt): string {
  const { attempts, operation, cache } = receipt
  if (cache === 'hit') return fromCache(receipt)
  const last = attempts.at(-1)
  if (last === undefined)
    return operation === 'count-tokens' ? 'Estimated by Candor; no provider was asked.' : 'No provider was asked.'
  const verb = operation === 'count-tokens' ? 'Counted by' : 'Served by'
  const first = receipt.firstByteMs === undefined ? '' : ` (first byte after ${showDuration(receipt.firstByteMs)})`
  const tokens = operation === 'count-tokens' ? counted(receipt) : (showUsage(receipt) ?? NOT_TOLD)
  const usage = tokens === undefined ? '' : `: ${tokens}`
  const took = receipt.totalUnknown === true ? '' : `, in ${showDuration(receipt.totalMs)}${first}`
  return `${verb} ${where(receipt)}${keyOf(last)} over ${via(receipt)}, ${purse(receipt)}${took}${usage}.`
}

const NOT_TOLD = 'tokens not told by the provider'

/** How many tokens were counted, where the receipt has it. */
function counted({ usage }: Receipt): string | undefined {
  const input = usage === undefined ? undefined : inputTotal(usage)
  return input === undefined ? undefined : plural(input, 'token')
}

function fromCache(receipt: Receipt): string {
  const route = receipt.route === undefined ? '' : ` of the route ${oneLine(receipt.route)}`
  return `Answered from the cache${route} with what ${where(receipt)} said before, in ${showDuration(receipt.totalMs)}; no provider was asked.`
}

function failed(receipt: Receipt, took: string): readonly string[] {
  const { problem, attempts } = receipt
  const last = attempts.at(-1)
  const fixes = (problem?.fix ?? []).map(each => `Fix: ${oneLine(each, 400)}`)
  const why = problem?.why === undefined ? [] : [`Why: ${oneLine(problem.why, 400)}`]
  if (last === undefined)
    return [`Refused by Candor${took}; no provider was asked. ${because(problem)}`, ...why, ...fixes]
  const said = problem?.upstream?.message
  const status = last.status === undefined ? 'no answer' : `status ${last.status}`
  return [
    `Tried ${refOf(last)}${keyOf(last)} over ${last.protocol}: failed${took} with ${status}. ${because(problem)}`,
    ...(last.possiblyBilled === true ? ['The request had gone out, so it may be billed all the same.'] : []),
    ...(showUsage(receipt) === undefined ? [] : spent(receipt)),
    ...(said === undefined ? [] : [`The provider said: "${oneLine(said, 500)}"`]),
    ...why,
    ...fixes,
    ...(attempts.every(each => refOf(each) === refOf(last)) ? ['No other model or provider was tried.'] : []),
  ]
}

/** What the provider says is left, if it is little, and what the call counts against the budgets of its key. */
function counts({ quotaWarning, charged, key }: Receipt): readonly string[] {
  const told: string[] = []
  if (quotaWarning !== undefined) {
    const { provider, window, remainingPercent, resetsAtMs } = quotaWarning
    const until = resetsAtMs === undefined ? '' : `, until ${showTime(resetsAtMs)}`
    told.push(`Little is left at ${oneLine(provider)}: ${Math.floor(remainingPercent)} % (${oneLine(window)})${until}.`)
  }
  if (key !== undefined && charged !== undefined)
    told.push(`Counted for the key "${oneLine(key.name)}": ${chargedWords(charged)}.`)
  return told
}

function lost({ losses, replyLosses }: Receipt): readonly string[] {
  const asked_ = losses
    .map(loss => loss.path)
    .slice(0, 5)
    .join(', ')
  const more = losses.length > 5 ? ` and ${losses.length - 5} more` : ''
  const request =
    losses.length === 0
      ? []
      : [`Not said to the provider, because its protocol has no words for it: ${oneLine(asked_)}${more}.`]
  const reply =
    replyLosses.length === 0
      ? []
      : [
          `Not passed on of the answer, because the client's protocol has no words for it: ${oneLine(replyLosses.join(', '))}.`,
        ]
  return [...request, ...reply]
}

function where({ servedModel, requestedModel }: Receipt): string {
  return oneLine(servedModel ?? (requestedModel || 'the model'))
}

function asking(receipt: Receipt): string {
  return receipt.attempts.length === 0 ? 'no provider had been asked' : `the call to ${where(receipt)} was cancelled`
}

/** The surface's protocol, and whether anything was translated on the way. */
function via({ upstreamProtocol, clientProtocol }: Receipt): string {
  if (upstreamProtocol === undefined || upstreamProtocol === clientProtocol) return `${clientProtocol}, passed through`
  return `${upstreamProtocol}, translated`
}

function purse({ billing, cost }: Receipt): string {
  if (cost.type === 'metered') return `for ${showCost(cost)}`
  if (cost.type === 'unknown') return 'at a cost that is not known'
  const words: Readonly<Record<string, string>> = {
    plan: 'on the plan',
    free: 'free of charge',
    local: 'on this machine',
  }
  return words[billing ?? ''] ?? 'at no cost'
}

/** What an unfinished answer may have cost. */
function spent(receipt: Receipt): readonly string[] {
  const { attempts, cost } = receipt
  if (attempts.length === 0) return []
  const tokens = showUsage(receipt)
  const known = hasBound(cost) ? showCost(cost) : 'cost not known'
  const money = cost.type === 'unknown' ? `${known}: ${oneLine(cost.reason)}` : showCost(cost)
  return [
    tokens === undefined ? `The provider told no usage before that (${money}).` : `Used by then: ${tokens} (${money}).`,
  ]
}
