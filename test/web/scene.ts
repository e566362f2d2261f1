import type { Sim } from '../../src/sim/start-sim.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
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
  stop(): Promise<void>
}

/** Opens a scene. `args`: further arguments of `candor serve`. */
export async function openScene(
  more: { readonly home?: string; readonly args?: readonly string[] } = {},
): Promise<Scene> {
  const [kimi, openai, moonshot] = await Promise.all([
    simulate('kimi-coding'),
    simulate('openai'),
    simulate('moonshot'),
  ])
  const gateway = await startGateway({
    ...more,
    config: {
      models: {
        providers: {
          'kimi-coding': entryOf(kimi, 'sk-kimi-sim-nearly-used-up'),
          openai: entryOf(openai),
          moonshot: entryOf(moonshot, 'sk-sim-wrong'),
        },
      },
      routes: {
        coder: { targets: ['moonshot/kimi-k2.5', `openai/${openai.model}`], fallbackOn: ['invalid_key', 'overloaded'] },
      },
    },
  })
  return {
    gateway,
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
    async stop() {
      await gateway.stop()
      await Promise.all([kimi.stop(), openai.stop(), moonshot.stop()])
    },
  }
}
