import type { ComponentChildren } from 'preact'
import type { RouteLegView, RouteList, RouteTargetView, RouteView } from '../../../../src/admin/route-view.ts'
import { Badge } from '../../parts/badge.tsx'
import { Clamped } from '../../parts/clamped.tsx'
import { Code } from '../../parts/code.tsx'
import { TableFrame } from '../../parts/table-frame.tsx'
import { duration, plural, usd } from '../../words.ts'

/** One route: its targets in their order, and the rules a call goes by. */
export function RouteRules({
  route,
  meanings,
}: {
  readonly route: RouteView
  readonly meanings: RouteList['meanings']
}) {
  return (
    <div class="route">
      {!route.available && <p class="note bad">None of its targets can be used now, so every call to it is refused.</p>}
      <Targets route={route} />
      <dl class="route-rules">
        <Rule name="Falls back">
          {route.fallbackOn.length === 0 ? (
            'on nothing: the first target answers, or nobody.'
          ) : (
            <Codes codes={route.fallbackOn} meanings={meanings} />
          )}
        </Rule>
        <Rule name="Lane">{laneWords(route)}</Rule>
        <Rule name="Retries">
          {retryWords(route)}
          {route.retry.max > 0 && <Codes codes={route.retry.codes} meanings={meanings} />}
        </Rule>
        <Rule name="Equals">{balanceWords(route)}</Rule>
        <Rule name="Thinking">
          {route.signedReasoning === 'remove'
            ? 'What another model signed is taken out, and told.'
            : 'A conversation with thinking that one model signed does not go to another.'}
        </Rule>
        <Rule name="Cache">
          {route.cacheMs === undefined
            ? 'None: every call is asked.'
            : `The same question of the same key is answered from memory for ${duration(route.cacheMs)}.`}
        </Rule>
      </dl>
    </div>
  )
}

function Rule({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Codes({
  codes,
  meanings,
}: {
  readonly codes: RouteView['fallbackOn']
  readonly meanings: RouteList['meanings']
}) {
  return (
    <ul class="route-codes">
      {codes.map(code => (
        <li key={code}>
          <Code text={code} /> <span class="soft">{meanings[code]}</span>
        </li>
      ))}
    </ul>
  )
}

/** Where the fence stands, and what is left of the amount that may be spent outside of it. */
function laneWords({ lane, crossBilling }: RouteView): string {
  const own = lane === undefined ? 'that of its first target' : `${lane}, that of its first target`
  if (crossBilling === true) return `${own}. It may leave it, and every such answer says so.`
  if (crossBilling === false) return `${own}. It never leaves it: targets in another lane are not asked.`
  const { nanoUsdPerDay, usedNanoUsd } = crossBilling
  const left = Math.max(0, nanoUsdPerDay - usedNanoUsd)
  return `${own}. It may leave it for ${usd(nanoUsdPerDay)} a day (UTC); ${usd(left)} of that are left today, ${usd(usedNanoUsd)} are used.`
}

function retryWords({ retry: { max, capMs, waitMsMax } }: RouteView): string {
  if (max === 0) return 'None: the same target is not asked again.'
  return `Up to ${plural(max, 'more attempt')} at the same target, waiting up to ${duration(capMs)}, or as long as the provider asks if that is no more than ${duration(waitMsMax)}, on:`
}

const BALANCES: Readonly<Record<string, string>> = {
  order: 'In the order of the list.',
  weighted: 'Drawn, by their weights.',
  'least-busy': 'The least busy first.',
}

function balanceWords({ balance, affinity }: RouteView): string {
  const stays = affinity
    ? 'A conversation stays with the target and key that served it.'
    : 'Conversations stay nowhere.'
  return `${BALANCES[balance] ?? `Balanced: ${balance}.`} ${stays}`
}

interface LegRow {
  readonly target: RouteTargetView
  readonly leg: RouteLegView | undefined
}

function Targets({ route }: { readonly route: RouteView }) {
  const rows = route.targets
    .toSorted((a, b) => a.priority - b.priority)
    .flatMap((target): LegRow[] =>
      target.legs.length === 0 ? [{ target, leg: undefined }] : target.legs.map(leg => ({ target, leg })),
    )
  return (
    <TableFrame title={`Targets of ${route.name}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Target</th>
            <th scope="col" class="number">
              Priority
            </th>
            <th scope="col" class="number">
              Weight
            </th>
            <th scope="col">Key</th>
            <th scope="col">Lane</th>
            <th scope="col">Health</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ target, leg }) => (
            <tr key={JSON.stringify([target.name, leg?.credential])}>
              <th scope="row" class="route-leg-name">
                <code>
                  <Clamped text={target.name} />
                </code>
                {target.ref !== undefined && target.ref !== target.name && (
                  <div class="soft">
                    means <Clamped text={target.ref} />
                  </div>
                )}
              </th>
              <td class="number">{target.priority}</td>
              <td class="number">{target.weight}</td>
              <td class="route-key">{leg === undefined ? 'none' : leg.credential}</td>
              <td>
                <Lane billing={leg?.billing ?? target.billing} route={route} />
              </td>
              <td class="route-long">
                <Health target={target} leg={leg} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}

function Lane({ billing, route }: { readonly billing: RouteTargetView['billing']; readonly route: RouteView }) {
  if (billing === undefined) return <>not known</>
  const isFenced = route.lane !== undefined && billing !== route.lane && route.crossBilling === false
  return (
    <>
      <Badge>{billing}</Badge> {isFenced && <span class="warn-ink">behind the fence</span>}
    </>
  )
}

/** How it went with this target and key, as far as is known. */
export function Health({
  target,
  leg,
}: {
  readonly target: Pick<RouteTargetView, 'unavailable'>
  readonly leg: Pick<RouteLegView, 'health'> | undefined
}) {
  if (leg === undefined)
    return (
      <>
        <Badge mood="bad">cannot be used</Badge> {target.unavailable}
      </>
    )
  const { health } = leg
  if (health === undefined) return <span class="soft">not asked since the start</span>
  const { state, what, reason, until, answered, providerFailures, networkFailures, firstByteMs } = health
  const failures = providerFailures + networkFailures
  return (
    <>
      {state === 'closed' ? <Badge mood="good">well</Badge> : <Badge mood="warn">cools down</Badge>}{' '}
      {state !== 'closed' && (
        <>
          {until === undefined ? 'the next call decides: ' : `for ${duration(until - Date.now())}: `}
          {what} ({reason}).{' '}
        </>
      )}
      <span class="soft">
        {plural(answered, 'answer')}, {plural(failures, 'failure')}
        {firstByteMs === undefined ? '' : `, first byte after ${duration(firstByteMs)}`}
      </span>
    </>
  )
}
