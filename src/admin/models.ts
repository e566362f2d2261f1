import { isProblem } from '../canon/problem.ts'
import type { House, Target } from '../pipeline/call.ts'
import { healthKey } from '../pipeline/legs.ts'
import type { ListedModel } from '../pipeline/model-directory.ts'
import type { Course } from '../pipeline/route.ts'
import type { HealthView } from '../upstream/health.ts'
import type { CoolDown, ModelView } from './contract.ts'

/** Every route and every model of the available providers; with `all`, the others too, each with its reason. Routes first. */
export function modelViews(house: House, startedAt: number, all: boolean): readonly ModelView[] {
  const told = { startedAt, health: house.health.views() }
  const routes = house.directory.routes.flatMap(({ name }) => routeNamed(name, house, told) ?? [])
  const models = house.directory.list().map(model => modelView(model, told))
  return [...routes, ...models].filter(({ candor }) => all || candor.available)
}

/** One model or route by its name, alias or bare name; undefined if there is none. */
export function findModelView(house: House, name: string, startedAt: number): ModelView | undefined {
  const told = { startedAt, health: house.health.views() }
  const exact = house.directory.list().find(model => model.ref === name)
  if (exact !== undefined) return modelView(exact, told)
  const route = routeNamed(name, house, told)
  if (route !== undefined) return route
  const target = house.directory.resolve(name)
  return isProblem(target) ? undefined : modelView({ ...listed(target), available: true }, told)
}

/** What a view is made with beside the configuration. */
interface Told {
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly health: readonly HealthView[]
}

type Facts = ModelView['candor']

function viewOf(id: string, name: string, owner: string, startedAt: number, candor: Facts): ModelView {
  return {
    id,
    object: 'model',
    type: 'model',
    display_name: name,
    created: Math.floor(startedAt / 1000),
    created_at: new Date(startedAt).toISOString(),
    owned_by: owner,
    candor,
  }
}

function listed({ ref, provider, row, model }: Target): Omit<ListedModel, 'available'> {
  return { ref, provider, row: row ?? { id: model } }
}

function modelView(model: ListedModel, { startedAt, health }: Told): ModelView {
  const { row, provider } = model
  const coolDown = coolDownOf(model, health)
  return viewOf(model.ref, row.name ?? row.id, provider.id, startedAt, {
    provider: provider.id,
    available: model.available,
    ...(provider.unavailable === undefined ? {} : { unavailable: provider.unavailable }),
    ...(coolDown === undefined ? {} : { cools_down: coolDown }),
    billing: provider.billing,
    ...(row.contextWindow === undefined ? {} : { context_window: row.contextWindow }),
    ...(row.maxOutputTokens === undefined ? {} : { max_output_tokens: row.maxOutputTokens }),
    ...(row.reasoning === undefined ? {} : { reasoning: row.reasoning }),
    ...(row.input === undefined ? {} : { input: row.input }),
    ...(row.price === undefined || provider.billing !== 'metered'
      ? {}
      : { price: { input: row.price.input, output: row.price.output } }),
  })
}

/** The route a name means, if it means one. */
function routeNamed(name: string, { directory }: House, told: Told): ModelView | undefined {
  const course = directory.course(name)
  if (isProblem(course) || course.route === undefined) return undefined
  const refs = course.route.targets.map(target => {
    const means = directory.resolveUnusable(target.name)
    return isProblem(means) ? target.name : means.ref
  })
  return routeModel(course, course.route.name, [...new Set(refs)], told)
}

function routeModel({ legs, first }: Course, name: string, targets: readonly string[], told: Told): ModelView {
  const usable = [...new Map(legs.map(({ target }) => [target.ref, target])).values()]
  const cooling = usable.map(target => coolDownOf(listed(target), told.health))
  const coolDown = cooling.every(each => each !== undefined) ? soonest(cooling) : undefined
  const title = `${name}: a route to ${targets.length === 1 ? 'one model' : `${targets.length} models`}`
  return viewOf(name, title, 'candor', told.startedAt, {
    provider: 'candor',
    route: true,
    targets,
    available: usable.length > 0,
    ...(usable.length > 0 ? {} : { unavailable: first.problem?.what ?? 'none of its targets can be used' }),
    ...(coolDown === undefined ? {} : { cools_down: coolDown }),
    billing: first.billing,
    ...common(usable),
  })
}

/** What all targets of a route have. A model of which a limit is not known says nothing of it. */
function common(targets: readonly Target[]): Partial<Facts> {
  const rows = targets.map(({ row }) => row)
  const context = smallest(rows.map(row => row?.contextWindow))
  const output = smallest(rows.map(row => row?.maxOutputTokens))
  const [input, ...others] = rows.map(row => row?.input)
  const kinds = input?.filter(kind => others.every(each => each?.includes(kind) === true))
  return {
    ...(context === undefined ? {} : { context_window: context }),
    ...(output === undefined ? {} : { max_output_tokens: output }),
    ...(rows.length > 0 && rows.every(row => row?.reasoning === true) ? { reasoning: true } : {}),
    ...(kinds === undefined ? {} : { input: kinds }),
  }
}

function smallest(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter(size => size !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Only if every key for the model cools down: else another one answers. */
function coolDownOf(
  { provider, row, ref }: Omit<ListedModel, 'available'>,
  health: readonly HealthView[],
): CoolDown | undefined {
  if (health.length === 0 || provider.credentials.length === 0) return undefined
  const target = { provider, ref, row, model: provider.modelAliases[row.id] ?? row.id }
  const downs = provider.credentials.map(credential => {
    const at = healthKey({ target, credential })
    const view = health.find(
      each => each.provider === at.provider && each.credential === at.credential && each.model === at.model,
    )
    if (view === undefined || view.state === 'closed' || view.reason === undefined) return undefined
    const { reason, what, until } = view
    return { reason, ...(what === undefined ? {} : { what }), ...(until === undefined ? {} : { until }) }
  })
  return downs.every(down => down !== undefined) ? soonest(downs) : undefined
}

function soonest(downs: readonly (CoolDown | undefined)[]): CoolDown | undefined {
  const known = downs.filter(down => down !== undefined)
  return known.toSorted((a, b) => (a.until ?? 0) - (b.until ?? 0))[0]
}
