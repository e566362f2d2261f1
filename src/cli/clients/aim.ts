import { loadConfig } from '../../app/config/load.ts'
import { type Access, accessOptions, findGateway, openAccess, pathsOf } from '../gateway-access.ts'
import { askModel, askProviders } from '../questions.ts'
import { CliFault, type Desk, EXIT, type Given, type VerbOption } from '../verb.ts'
import type { Aim, ChosenModel, Client } from './client.ts'

/** `--model`, for both verbs about clients. */
export const MODEL_OPTION: VerbOption = {
  flags: '-m, --model <model>',
  about: 'model to use: provider/model, a route or an alias (default: models.default of the configuration)',
}

/**
 * Finds out where the client shall go: the gateway that was named or runs, else the one the configuration describes. The model is looked
 * up there. Throws {@link CliFault}: no such model, no model chosen where the client needs one, a key needed and not set.
 */
export async function aimFor(client: Client, given: Given, desk: Desk, access: Access): Promise<Aim> {
  const { url, defaultModel } = await placeOf(given, desk, access)
  const needsKey = await access.asksForKey()
  const ref = given.text('model') ?? (client.needsModel || client.files === undefined ? defaultModel : undefined)
  if (ref === undefined && client.needsModel)
    throw new CliFault(EXIT.usage, `${client.name} must be told which model to use.`, {
      fix: ['Name one: --model provider/model', 'See them: candor models'],
    })
  return { url, needsKey, ...(ref === undefined ? {} : { model: await chosen(access, ref, client) }) }
}

/** Opens the gateway a client is to be aimed at; with `mustRun`, only one that answers by itself. Throws {@link CliFault}. */
export async function openForClient(given: Given, desk: Desk, mustRun: boolean): Promise<Access> {
  const access = await openAccess(accessOptions(given, 'none'), desk)
  if (!mustRun || access.running) return access
  await access.close()
  throw new CliFault(EXIT.absent, 'No gateway runs on this machine.', {
    fix: ['Start one in another terminal: candor serve', 'Or name one that runs elsewhere: --url http://host:8787'],
  })
}

async function placeOf(given: Given, { shell }: Desk, access: Access): Promise<{ url: string; defaultModel?: string }> {
  const paths = pathsOf(shell, given.text('config'))
  const named = given.text('url')
  // Of a gateway elsewhere the file here says nothing.
  if (named !== undefined) return { url: named.replace(/\/+$/, '').replace(/\/v1$/, '') }
  const loaded = await loadConfig({ file: paths.configFile, mustExist: paths.configNamed })
  const settings = loaded.ok ? loaded.config : undefined
  const note = access.running ? await findGateway(paths) : undefined
  const host = settings?.gateway.host ?? '127.0.0.1'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const defaultModel = settings?.models.default
  return {
    url: note?.url ?? `http://${reachable}:${settings?.gateway.port ?? 8787}`,
    ...(defaultModel === undefined ? {} : { defaultModel }),
  }
}

async function chosen(access: Access, ref: string, client: Client): Promise<ChosenModel> {
  const { candor } = await askModel(access, ref)
  const providers = await askProviders(access)
  const owners = candor.targets?.map(target => target.split('/')[0]) ?? [candor.provider]
  const surfaces = owners.map(owner => providers.find(({ id }) => id === owner)?.surfaces ?? [])
  return {
    ref,
    isNative: surfaces.every(each => each.some(({ protocol, spoken }) => protocol === client.protocol && spoken)),
    ...(candor.context_window === undefined ? {} : { contextWindow: candor.context_window }),
    ...(candor.max_output_tokens === undefined ? {} : { maxOutputTokens: candor.max_output_tokens }),
  }
}
