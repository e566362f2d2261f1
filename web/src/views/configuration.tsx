import './configuration.css'
import type { ConfigChange, ConfigurationView, ShownValue } from '../../../src/admin/config-view.ts'
import { useQuestion } from '../api.ts'
import { breakable } from '../parts/code.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Empty, TroubleNote, Waiting } from '../parts/states.tsx'
import { TableFrame } from '../parts/table-frame.tsx'
import { changeQuery, usePlace } from '../router.ts'
import type { View } from '../view.ts'
import { moment, plural } from '../words.ts'

/** What is in force, where each value came from, and what the file says by now. Nothing is changed here. */
export const configuration: View = { path: '/configuration', name: 'Configuration', Show: Configuration }

/** How often it is asked whether the file says something else, milliseconds. */
const AGAIN_MS = 10_000

function Configuration() {
  const { answer, trouble, again } = useQuestion<ConfigurationView>('/candor/config', AGAIN_MS)
  return (
    <Page title="Configuration" about={answer === undefined ? undefined : <Source view={answer} />}>
      {trouble !== undefined && <TroubleNote trouble={trouble} again={again} />}
      {answer === undefined ? (
        trouble === undefined && <Waiting what="the configuration" />
      ) : (
        <>
          <OnDisk view={answer} />
          {answer.warnings.length > 0 && <Warnings title="Worth a look" lines={answer.warnings} />}
          <Address values={answer.values} />
          <Values values={answer.values} />
        </>
      )}
    </Page>
  )
}

function Source({ view }: { readonly view: ConfigurationView }) {
  const at = moment(Date.parse(view.loadedAt))
  if (view.file === undefined)
    return <>In force since {at}. This gateway reads no file: its configuration was given at the start.</>
  return (
    <>
      From <code>{view.file}</code>, in force since {at}. It is watched, and taken as soon as it changes and is good.
    </>
  )
}

/** The command line and a proxy come before the configuration, which knows neither: told where the browser sees the difference. */
function Address({ values }: { readonly values: readonly ShownValue[] }) {
  const said = (path: string) => values.find(value => value.path === path)?.value.replaceAll('"', '')
  if (location.host === `${said('gateway.host')}:${said('gateway.port')}`) return null
  return (
    <p class="note">
      <span>
        You see this gateway at <code>{location.origin}</code>, which is not what <code>gateway.host</code> and{' '}
        <code>gateway.port</code> say: the command line that started it, or a proxy before it, comes first.
      </span>
    </p>
  )
}

/** How the file stands to what is in force. */
function OnDisk({ view }: { readonly view: ConfigurationView }) {
  const { onDisk, refused, fromNextStart } = view
  return (
    <>
      {onDisk.state === 'missing' && (
        <p class="note">
          There is no such file yet, so the environment and the defaults decide. The smallest one holds {'{}'}.
        </p>
      )}
      {onDisk.state === 'gone' && (
        <p class="note warn" role="status">
          The file is gone. What it held stays in force until there is one again, or the gateway is started anew.
        </p>
      )}
      {onDisk.state === 'same' && refused === undefined && (
        <p class="note good" role="status">
          The file says what is in force: a reload would change nothing.
        </p>
      )}
      {onDisk.state === 'faulty' && <Faults lines={onDisk.faults} />}
      {onDisk.state !== 'faulty' && refused !== undefined && <Faults lines={[refused]} />}
      {onDisk.state === 'differs' && (
        <>
          <Changes changes={onDisk.changes} />
          {onDisk.warnings.length > 0 && <Warnings title="Worth a look after a reload" lines={onDisk.warnings} />}
        </>
      )}
      {fromNextStart.length > 0 && (
        <p class="note warn" role="status">
          Changed since the start, and in force from the next one: {fromNextStart.join(', ')}. Until then the old values
          hold; below stand the new ones.
        </p>
      )}
    </>
  )
}

function Faults({ lines }: { readonly lines: readonly string[] }) {
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>The file cannot be taken.</strong> What is below stays in force.
      </p>
      {lines.map(line => (
        <pre key={line} class="faults">
          {line}
        </pre>
      ))}
    </div>
  )
}

function Warnings({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <Section title={title}>
      <ul class="plain-list">
        {lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Section>
  )
}

function Changes({ changes }: { readonly changes: readonly ConfigChange[] }) {
  return (
    <Section title="What a reload would change" aside={plural(changes.length, 'value')}>
      <TableFrame title="What a reload would change">
        <table class="config">
          <caption class="visually-hidden">Values in the file that are others than those in force</caption>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">In force</th>
              <th scope="col">In the file</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ path, before, after, origin }) => (
              <tr key={path}>
                <td class="mono">{breakable(path, '.')}</td>
                <td class="mono">{before ?? <em>not there</em>}</td>
                <td class="mono">
                  {after ?? <em>not there</em>}
                  {after !== undefined && after === before && ' (another secret)'}
                </td>
                <td>{origin}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Section>
  )
}

function Values({ values }: { readonly values: readonly ShownValue[] }) {
  const { query } = usePlace()
  const text = query.get('q') ?? ''
  const wanted = text.trim().toLowerCase()
  const found = values.filter(({ path }) => path.toLowerCase().includes(wanted))
  return (
    <Section title="In force" aside={<span role="status">{plural(found.length, 'value')}</span>}>
      <label>
        <span class="visually-hidden">Search by path</span>
        <input
          type="search"
          class="config-search"
          data-search
          placeholder="Path, such as gateway.port"
          value={text}
          onInput={event => changeQuery({ q: event.currentTarget.value }, { replace: true })}
        />
      </label>
      {found.length === 0 ? (
        <Empty title="No value has a path like that.">
          <p>
            Every key there is: <code>candor config schema</code>
          </p>
        </Empty>
      ) : (
        <ValueTable values={found} />
      )}
    </Section>
  )
}

function ValueTable({ values }: { readonly values: readonly ShownValue[] }) {
  return (
    <TableFrame title="Values in force">
      <table class="config">
        <caption class="visually-hidden">Every value in force, and where it came from; secrets as dots</caption>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Is</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {values.map(({ path, value, origin }) => (
            <tr key={path}>
              <td class="mono">{breakable(path, '.')}</td>
              <td class="mono">{value}</td>
              <td>{origin}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}
