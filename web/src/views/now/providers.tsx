import type { CoolingView, Overview, ProviderNow } from '../../../../src/admin/overview.ts'
import type { AgedQuotaView } from '../../../../src/admin/quota-views.ts'
import { type Standing, standingOf } from '../../../../src/admin/story/health.ts'
import { Badge, type Mood } from '../../parts/badge.tsx'
import { Bar } from '../../parts/bar.tsx'
import { Clamped } from '../../parts/clamped.tsx'
import { Section } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { count, duration, percent, plural, usd } from '../../words.ts'

/** Providers with their health and what they say is left. */
export function Providers({ overview }: { readonly overview: Overview }) {
  const { providers, otherProviders, now } = overview
  const aside =
    otherProviders === 0
      ? undefined
      : `${plural(otherProviders, 'other is', 'others are')} known and cannot be used, most for lack of a key`
  return (
    <Section title="Providers" aside={aside}>
      {providers.length === 0 ? (
        <NoProvider />
      ) : (
        <ul class="cards">
          {providers.map(provider => (
            <li key={provider.id}>
              <ProviderCard provider={provider} now={now} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function NoProvider() {
  return (
    <Empty title="No provider can be used yet.">
      <p>
        Set a provider's key in the environment (<code>candor providers</code> shows the names) or in the configuration,
        and it appears here. To look around without any key: <code>candor demo</code>.
      </p>
    </Empty>
  )
}

function ProviderCard({ provider, now }: { readonly provider: ProviderNow; readonly now: number }) {
  const { name, billing, unavailable, cooling, quotas, firstByteMs, today } = provider
  return (
    <article class="card">
      <div class="card-head">
        <h3>{name}</h3>
        <Badge>{billing}</Badge>
        <StandingBadge provider={provider} />
      </div>
      {unavailable !== undefined && <p class="bad-ink">{unavailable}</p>}
      {cooling.map(each => (
        <Cooling key={`${each.model} ${each.credential}`} cooling={each} now={now} />
      ))}
      {quotas.map(quota => (
        <Quota key={`${quota.credential} ${quota.source}`} quota={quota} now={now} isOne={quotas.length === 1} />
      ))}
      <p class="soft small">
        {today.calls === 0 ? 'No call ended with it today' : `${plural(today.calls, 'call')} today`}
        {today.failed > 0 && `, ${count(today.failed)} failed`}
        {firstByteMs !== undefined && `, first byte after ${duration(firstByteMs)}`}
        {provider.inFlight > 0 && `, ${count(provider.inFlight)} running`}
      </p>
    </article>
  )
}

const STANDINGS: Readonly<Record<Standing, { readonly mood: Mood; readonly words: string }>> = {
  unusable: { mood: 'bad', words: 'cannot be used' },
  cooling: { mood: 'warn', words: 'cools down' },
  'on-trial': { mood: 'warn', words: 'on trial' },
  failing: { mood: 'bad', words: 'failed last' },
  well: { mood: 'good', words: 'well' },
  unproven: { mood: 'plain', words: 'not asked yet' },
}

function StandingBadge({ provider }: { readonly provider: ProviderNow }) {
  const { mood, words } = STANDINGS[standingOf(provider)]
  return <Badge mood={mood}>{words}</Badge>
}

/** What is left alone, how long, and why. */
function Cooling({ cooling, now }: { readonly cooling: CoolingView; readonly now: number }) {
  const { model, credential, reason, what, until } = cooling
  const time =
    until === undefined || until <= now
      ? 'the next call to it decides'
      : `left alone for another ${duration(until - now)}`
  return (
    <p class="warn-ink">
      <Clamped text={model} />
      {credential !== 'default' && ` with ${credential}`}: {time}. {what ?? reason}
    </p>
  )
}

function Quota({
  quota,
  now,
  isOne,
}: {
  readonly quota: AgedQuotaView
  readonly now: number
  readonly isOne: boolean
}) {
  const { plan, credential, windows, fault, stale, ageMs } = quota
  const title = [isOne ? undefined : credential, plan === undefined ? undefined : `plan: ${plan}`]
    .filter(part => part !== undefined)
    .join(', ')
  return (
    <div class="quota">
      {title !== '' && <p class="small">{title}</p>}
      {windows.map(window => (
        <Window
          key={`${window.name} ${window.unit}`}
          window={window}
          isOld={stale || window.stale === true}
          now={now}
        />
      ))}
      {stale && <p class="soft small">Told {duration(ageMs)} ago.</p>}
      {fault !== undefined && <p class="warn-ink small">Asking what is left did not work: {fault}</p>}
    </div>
  )
}

function Window(props: {
  readonly window: AgedQuotaView['windows'][number]
  readonly isOld: boolean
  readonly now: number
}) {
  const { window, isOld, now } = props
  const { name, remainingPercent, remaining, unit, resetsAtMs } = window
  const reset = resetsAtMs === undefined || resetsAtMs <= now ? '' : `, resets in ${duration(resetsAtMs - now)}`
  if (remainingPercent !== undefined)
    return (
      <Bar
        name={name}
        percentLeft={remainingPercent}
        words={`${percent(remainingPercent)} left${reset}`}
        dimmed={isOld}
      />
    )
  const left = remaining === undefined ? 'not told how much is left' : `${amount(remaining, unit)} left`
  return (
    <p class={isOld ? 'bar-words soft' : 'bar-words'}>
      <span>{name}</span>
      <span>
        {left}
        {reset}
      </span>
    </p>
  )
}

function amount(value: number, unit: string): string {
  if (unit === 'USD') return usd(value * 1e9)
  return `${value.toLocaleString('en-US', { maximumFractionDigits: 2 })} ${unit}`
}
