import './routes.css'
import type { RouteList } from '../../../src/admin/route-view.ts'
import { useQuestion } from '../api.ts'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import type { View } from '../view.ts'
import { Explain } from './routes/explain.tsx'
import { RouteRules } from './routes/rules.tsx'

/** The routes: their order, their fences, and where a call would go. */
export const routes: View = { path: '/routes', name: 'Routes', Show: Routes }

/** How often it is asked again, milliseconds: health changes with every call. */
const AGAIN_MS = 15_000

function Routes() {
  const { answer, trouble, again } = useQuestion<RouteList>('/candor/routes', AGAIN_MS)
  return (
    <Page title="Routes" about="A route is a name with several targets: the only way to have a fallback.">
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="the routes" />
      ) : (
        <>
          {answer.data.map(route => (
            <Section key={route.name} title={route.name} aside={<a href={explainLink(route.name)}>Explain</a>}>
              <RouteRules route={route} meanings={answer.meanings} />
            </Section>
          ))}
          {answer.data.length === 0 && <NoRoutes />}
          <Explain names={answer.data.map(({ name }) => name)} />
        </>
      )}
    </Page>
  )
}

function explainLink(name: string): string {
  return `/routes?${new URLSearchParams({ explain: name })}`
}

const EXAMPLE = `routes: {
  coder: {
    targets: ["kimi-coding/kimi-for-coding", "moonshot/kimi-k2.7-code"],
    fallbackOn: ["overloaded", "rate_limited", "plan_exhausted"],
  },
},`

function NoRoutes() {
  return (
    <Empty title="No route is configured.">
      <p>
        Without one, a call goes to the model it names, or to nobody. A route is an entry in the configuration file:
      </p>
      <pre tabIndex={0}>{EXAMPLE}</pre>
    </Empty>
  )
}
