import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, removeHome, startGateway, temporaryHome } from '../e2e/harness.ts'
import { entryOf, simulate } from '../e2e/providers.ts'

/** The text of an attack that would run if it were taken for markup. */
export const MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

/** A gateway with three simulated providers: a plan nearly used up, a metered one with a price, and one whose key is wrong. */
export interface Scene {
  readonly gateway: Gateway
  readonly kimi: Sim
  readonly openai: Sim
  readonly moonshot: Sim
  /** Makes a call and waits until its receipt is closed; gives its id. */
  call(model: string, more?: { readonly stream?: boolean; readonly client?: string }): Promise<string>
  /** Stops the gateway and starts it anew, at the same address and with the same ledger. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const WRONG_KEY = 'sk-moonshot-sim-invalid'

/** Opens a scene. */
export async function openScene(): Promise<Scene> {
  const sims = await Promise.all([simulate('kimi-coding'), simulate('openai'), simulate('moonshot')])
  const [kimi, openai, moonshot] = sims
  const home = temporaryHome()
  const config = {
    models: {
      providers: {
        'kimi-coding': entryOf(kimi, 'sk-kimi-sim-nearly-used-up'),
        openai: entryOf(openai),
        moonshot: entryOf(moonshot, WRONG_KEY),
      },
    },
    routes: {
      coder: {
        targets: [`moonshot/${moonshot.model}`, `openai/${openai.model}`],
        fallbackOn: ['invalid_key', 'overloaded'] as const,
      },
    },
  }
  let gateway = await startGateway({ home, config })
  return {
    get gateway() {
      return gateway
    },
    kimi,
    openai,
    moonshot,
    async call(model, { stream = false, client = 'scene/1.0' } = {}) {
      const response = await gateway.fetch('/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': client },
        body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
      const id = response.headers.get('candor-request-id') ?? ''
      await gateway.receiptThat(receipt => receipt.id === id && receipt.ending !== 'in-flight')
      return id
    },
    async restart() {
      const { port } = gateway
      await gateway.stop()
      gateway = await startGateway({ home, config, args: ['--port', String(port)] })
    },
    async stop() {
      await gateway.stop()
      removeHome(home)
      await Promise.all(sims.map(sim => sim.stop()))
    },
  }
}
