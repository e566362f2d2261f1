import { isProblem, type Problem } from '../../canon/problem.ts'
import type { House, Target } from '../../pipeline/call.ts'
import type { Config } from '../config/config.ts'
import type { Path } from '../config/tree.ts'

/** A name of a model in the configuration. */
export interface NamedModel {
  readonly path: Path
  /** As people call the place: `The alias "claude-*"`. */
  readonly place: string
  readonly name: string
  /** The model it means, also where its provider cannot be used; or why it means none. */
  readonly means: Target | Problem
  /** The configuration itself says that there is such a model: `models` of a provider. */
  readonly isDeclared: boolean
}

/** Every name of a model in a configuration. Names of routes are none. */
export function namedModels(config: Config, { directory }: House): readonly NamedModel[] {
  const { models, routes } = config
  const inUse = [
    ...(models.default === undefined
      ? []
      : [{ path: ['models', 'default'], place: 'The default model', name: models.default }]),
    ...Object.entries(models.aliases).map(([alias, name]) => ({
      path: ['models', 'aliases', alias],
      place: `The alias "${alias}"`,
      name,
    })),
    ...Object.entries(routes).flatMap(([route, { targets }]) =>
      targets.map(({ model }, i) => ({
        path: ['routes', route, 'targets', i],
        place: `The route "${route}"`,
        name: model,
      })),
    ),
  ].filter(({ path, name }) => path[0] === 'routes' || !isRoute(name, directory))
  const declared = Object.entries(models.providers).flatMap(([provider, entry]) =>
    (entry.models ?? []).map(({ id }, i) => ({
      path: ['models', 'providers', provider, 'models', i],
      place: `models.providers.${provider}`,
      name: `${provider}/${id}`,
    })),
  )
  const meaning = (name: string) => directory.resolveUnusable(name)
  return [
    ...inUse.map(each => ({ ...each, means: meaning(each.name), isDeclared: false })),
    ...declared.map(each => ({ ...each, means: meaning(each.name), isDeclared: true })),
  ]
}

/** A name may be that of an alias that leads to a route. */
function isRoute(name: string, directory: House['directory']): boolean {
  const course = directory.course(name)
  return !isProblem(course) && course.route !== undefined
}
