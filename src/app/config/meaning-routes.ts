import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../base/json-value.ts'
import { nearest } from '../../base/nearest.ts'
import type { Provider } from '../../catalog/provider.ts'
import { aliasFor } from '../../pipeline/model-directory.ts'
import type { Finding } from './issues.ts'

/** What the shape alone cannot tell of routes: their names, and the models they name. */
export function checkRoutes(file: JsonObject, catalogue: readonly Provider[]): Finding[] {
  const routes = asObject(file['routes']) ?? {}
  const models = asObject(file['models']) ?? {}
  const aliases = asObject(models['aliases']) ?? {}
  const providers = new Set([...Object.keys(asObject(models['providers']) ?? {}), ...catalogue.map(row => row.id)])
  return Object.entries(routes).flatMap(([name, route]) => [
    ...checkName(name, aliases, providers),
    ...asArray(asObject(route)?.['targets']).flatMap((target, i) =>
      checkTarget(['routes', name, 'targets', i], targetName(target), { routes, aliases, providers }),
    ),
  ])
}

function checkName(name: string, aliases: JsonObject, providers: ReadonlySet<string>): Finding[] {
  const path = ['routes', name]
  const slash = name.indexOf('/')
  if (slash > 0 && providers.has(name.slice(0, slash)))
    return [
      {
        path,
        onKey: true,
        message: `"${name}" is the name of a model of "${name.slice(0, slash)}", and a route would hide it.`,
        expected: 'a name of its own, such as "coder"',
      },
    ]
  if (Object.hasOwn(aliases, name))
    return [{ path, onKey: true, message: `"${name}" is an alias as well.`, expected: 'a name that means one thing' }]
  return []
}

/** All names of the file that a target may be taken for. */
interface Names {
  readonly routes: JsonObject
  readonly aliases: JsonObject
  readonly providers: ReadonlySet<string>
}

function checkTarget(
  path: (string | number)[],
  name: string | undefined,
  { routes, aliases, providers }: Names,
): Finding[] {
  if (name === undefined) return []
  if (Object.hasOwn(routes, name))
    return [
      {
        path,
        message: `"${name}" is a route itself.`,
        expected: 'a model: routes do not lead to routes',
        fix: 'Write its targets here.',
      },
    ]
  const slash = name.indexOf('/')
  if (slash > 0 && providers.has(name.slice(0, slash))) return []
  const meant = asString(aliasFor(aliases, name))
  if (meant !== undefined && Object.hasOwn(routes, meant))
    return [
      {
        path,
        message: `"${name}" is an alias of "${meant}", which is a route itself.`,
        expected: 'a model: routes do not lead to routes',
        fix: 'Write its targets here.',
      },
    ]
  if (slash <= 0) return []
  const close = nearest(name.slice(0, slash), [...providers], 2)
  return [
    {
      path,
      message: `No provider is called "${name.slice(0, slash)}".`,
      expected: 'a model as "provider/model"',
      ...(close.length === 0 ? {} : { fix: `Did you mean ${close.map(id => `"${id}"`).join(' or ')}?` }),
    },
  ]
}

function targetName(target: JsonValue): string | undefined {
  return asString(target) ?? asString(asObject(target)?.['model'])
}
