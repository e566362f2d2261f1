import type { ModelView, ProviderView, StatusView } from '../admin/contract.ts'
import { parseJson } from '../base/json.ts'
import { asObject, type JsonObject } from '../base/json-value.ts'
import { type Access, requestTo } from './gateway-access.ts'
import { faultOf, readTrouble } from './trouble.ts'
import { CliFault, EXIT } from './verb.ts'

/** The models a gateway lists; with `all`, also those that cannot be called now. Throws {@link CliFault}. */
export async function askModels(access: Access, all: boolean): Promise<readonly ModelView[]> {
  return listIn<ModelView>(await ask(access, `/v1/models${all ? '?all=true' : ''}`))
}

/** The providers a gateway knows. Throws {@link CliFault}. */
export async function askProviders(access: Access): Promise<readonly ProviderView[]> {
  return listIn<ProviderView>(await ask(access, '/candor/providers'))
}

/** A gateway's state. Throws {@link CliFault}. */
export async function askStatus(access: Access): Promise<StatusView> {
  const body: object = await ask(access, '/candor/status')
  return body as StatusView
}

/** The model a name means. Throws {@link CliFault} if it means none. */
export async function askModel(access: Access, name: string): Promise<ModelView> {
  const body: object = await ask(access, `/v1/models/${encodeURIComponent(name)}`)
  return body as ModelView
}

/** Any question whose answer is a JSON object. Throws {@link CliFault} with what the gateway says against it. */
export async function ask(
  access: Access,
  path: string,
  init: Parameters<typeof requestTo>[1] = {},
): Promise<JsonObject> {
  const response = await access.handle(requestTo(path, init))
  const read = parseJson(await response.text())
  const body = read.ok ? asObject(read.value) : undefined
  if (!response.ok) throw faultOf(readTrouble(body, response.status))
  if (body === undefined) throw new CliFault(EXIT.finding, 'The gateway answered something that is not JSON.')
  return body
}

/** The shape is the gateway's promise (src/admin/contract.ts): an answer without a list is none of a gateway. */
export function listIn<View>(body: JsonObject): readonly View[] {
  const data: unknown = body['data']
  if (Array.isArray(data)) return data
  throw new CliFault(EXIT.finding, 'The answer has no list: is the address a Candor gateway?')
}
