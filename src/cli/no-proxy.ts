import type { Environment } from '../app/config/paths.ts'

/** Names of this machine that are never asked through a proxy. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** The runtime's fetch asks HTTP_PROXY for this machine's own addresses too: a local provider or gateway would not be found. */
export function keepProxiesOut(env: NodeJS.ProcessEnv): void {
  const all = [...namesIn(env['no_proxy'] || env['NO_PROXY']), ...OWN_NAMES].join(',')
  env['NO_PROXY'] = all
  env['no_proxy'] = all
}

/** Whether a variable says nothing but what {@link keepProxiesOut} wrote: nobody set it. */
export function isOwnNoProxy(name: string, env: Environment): boolean {
  return /^no_proxy$/i.test(name) && namesIn(env[name]).join() === OWN_NAMES.join()
}

function namesIn(list = ''): readonly string[] {
  return list.split(',').filter(name => name !== '')
}
