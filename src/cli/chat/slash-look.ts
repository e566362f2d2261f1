import type { ExplainedRoute } from '../../admin/routes.ts'
import { tellStory } from '../../admin/story/story.ts'
import { type NanoUsd, showUsd } from '../../base/money.ts'
import { OWN_USER_AGENT } from '../../base/version.ts'
import { inputTotal, outputTotal } from '../../canon/usage.ts'
import { hasBound, isToldInPart, plural } from '../amounts.ts'
import { showExplanation } from '../commands/route.ts'
import { indent } from '../print.ts'
import { ask, askStatus } from '../questions.ts'
import { overHttp } from '../receipt-source.ts'
import { oneLine } from '../terminal-text.ts'
import { attachmentWords } from './attachments.ts'
import { modelWords, requestBody } from './conversation.ts'
import { shortCount } from './footer.ts'
import { type SlashDesk, say } from './slash-desk.ts'

/** `/status`. */
export async function showStatus(_rest: string, desk: SlashDesk): Promise<void> {
  const { access, conversation } = desk
  const { version, config, providers, ledger } = await askStatus(access)
  const { system, showReasoning, effort, messages, attached } = conversation
  tellRows(desk, [
    ['gateway', `${access.where} (candor ${version})`],
    ['configuration', config.file ?? 'none: environment only'],
    ...(config.refused === undefined
      ? []
      : [['not in force', 'the newest text of the file has faults: candor config check'] as const]),
    ['providers', `${providers.available} of ${providers.known} can be used`],
    ...(ledger.warning === undefined ? [] : [['ledger', ledger.warning] as const]),
    ['model', modelWords(conversation)],
    ['system prompt', system === '' ? 'none' : oneLine(system, 100)],
    ['reasoning', `${showReasoning ? 'shown' : 'hidden'}${effort === undefined ? '' : `, effort ${effort}`}`],
    ...(attached.length === 0 ? [] : [['attached', attached.map(attachmentWords).join(', ')] as const]),
    ['said so far', plural(messages.length / 2, 'question')],
  ])
}

function tellRows(desk: SlashDesk, rows: readonly (readonly [string, string])[]): void {
  for (const [title, text] of rows)
    for (const line of indent(
      oneLine(text, 400),
      `  ${desk.print.paintNote('dim', title.padEnd(14))} `,
      desk.shell.stderr,
    ))
      say(desk, line)
}

/** `/why`: the story of the last call, or of both where two were compared. */
export async function tellWhy(_rest: string, desk: SlashDesk): Promise<void> {
  const { conversation, access, shell } = desk
  if (conversation.lastReceipts.length === 0)
    say(desk, 'No call of this conversation has a receipt yet. The newest of all: candor trace')
  for (const [at, id] of conversation.lastReceipts.entries()) {
    if (at > 0) say(desk, '')
    const receipt = await overHttp(access).find(id)
    if (receipt === undefined) say(desk, `The receipt ${id} cannot be found.`)
    else
      for (const sentence of tellStory(receipt, shell.clock.now()))
        for (const line of indent(sentence, '  ', shell.stderr)) say(desk, line)
  }
}

/** `/usage`: what this conversation has used so far. */
export async function showUsage(_rest: string, desk: SlashDesk): Promise<void> {
  const { receipts } = desk.conversation
  if (receipts.length === 0) {
    say(desk, 'No answer has come yet. What all calls used: candor usage')
    return
  }
  const sum = (amounts: readonly (number | undefined)[]) => amounts.reduce<number>((all, each) => all + (each ?? 0), 0)
  const usages = receipts.map(({ usage }) => usage ?? {})
  const untold = receipts.filter(
    receipt =>
      isToldInPart(receipt) ||
      inputTotal(receipt.usage ?? {}) === undefined ||
      outputTotal(receipt.usage ?? {}) === undefined,
  ).length
  const cached = sum(usages.map(({ cacheRead }) => cacheRead))
  const costs = receipts.map(({ cost }) => cost)
  const metered = costs.flatMap(cost => (cost.type === 'metered' ? [cost.nanoUsd] : []))
  const least = sum(costs.map(cost => (hasBound(cost) ? cost.atLeastNanoUsd : 0)))
  const of = (type: (typeof costs)[number]['type']) => costs.filter(cost => cost.type === type).length
  const paid = [
    ...(metered.length === 0
      ? []
      : [`${showUsd(sum(metered) as NanoUsd)} for ${plural(metered.length, 'metered answer')}`]),
    ...(of('plan') === 0 ? [] : [`${plural(of('plan'), 'answer')} on a plan`]),
    ...(of('free') + of('local') === 0 ? [] : [`${plural(of('free') + of('local'), 'answer')} for nothing`]),
    ...(of('unknown') === 0
      ? []
      : [
          `${least === 0 ? '' : `at least ${showUsd(least as NanoUsd)} for `}${plural(of('unknown'), 'answer')} of unknown cost`,
        ]),
  ]
  tellRows(desk, [
    ['answers', plural(receipts.length, 'call')],
    [
      'tokens',
      `${shortCount(sum(usages.map(inputTotal)))} in / ${shortCount(sum(usages.map(outputTotal)))} out${cached === 0 ? '' : `, ${shortCount(cached)} of those in from a cache`}${untold === 0 ? '' : `; ${plural(untold, 'call')} did not tell all`}`,
    ],
    ['paid', paid.length === 0 ? 'nothing' : paid.join('; ')],
  ])
}

/** `/route`: who would answer the next question, and why not the others. */
export async function showRoute(name: string, desk: SlashDesk): Promise<void> {
  const { conversation, access } = desk
  const model = name || conversation.model
  const body = {
    ...(model === '' ? {} : { model }),
    request: requestBody(conversation, conversation.lastQuestion ?? 'Hello', model),
    protocol: 'openai-completions',
    headers: { 'user-agent': OWN_USER_AGENT },
  }
  const answer: object = await ask(access, '/candor/routes/explain', { body })
  showExplanation(answer as ExplainedRoute, desk)
}
