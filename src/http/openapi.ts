import { ROUTES, type Route } from './routes.ts'

/** The routes that are shown to people and programs. */
export const LISTED = ROUTES.filter(route => route.unlisted !== true)

/** A route's path as it is shown: `/v1/models/{model}`. */
export function shownPath(route: Route): string {
  return route.path.replace('*', `{${placeName(route)}}`)
}

function placeName({ path }: Route): string {
  return path.includes('/models/') ? 'model' : 'id'
}

/** The list of paths as an OpenAPI document (spec.openapis.org/oas/v3.1.0). */
export function openapi(version: string): object {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of LISTED) {
    const path = shownPath(route)
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Candor', version },
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }],
    paths,
  }
}

function operationOf(route: Route): object {
  const { body, rights, answer } = route
  const parameters = route.path.includes('*')
    ? [{ name: placeName(route), in: 'path', required: true, schema: { type: 'string' } }]
    : []
  return {
    summary: route.summary,
    parameters,
    ...(body === undefined
      ? {}
      : { requestBody: { required: route.bodyOptional !== true, content: { 'application/json': { schema: body } } } }),
    responses: {
      200: {
        description: 'as asked',
        ...(answer === undefined ? {} : { content: { 'application/json': { schema: answer } } }),
      },
      default: { description: 'a problem; see /candor/problems' },
    },
    ...(rights === 'open' ? { security: [] } : {}),
    'x-candor-rights': rights,
  }
}
