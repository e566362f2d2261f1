import { afterEach, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/base/clock.ts'
import { openNetwork } from '../../src/upstream/network.ts'
import { mayBeProxied } from '../../src/upstream/proxies.ts'
import { answering, type RawServer, reply, startRaw } from './raw-server.ts'

type Environment = Readonly<Record<string, string>>
const P = 'http://proxy.example:3128'

/** What the runtime's own client was seen to do; where it would go straight for a reason we do not read, we may leave it to it. */
const ROWS: readonly (readonly [name: string, env: Environment, origin: string, mayBe: boolean])[] = [
  ['no proxy', {}, 'http://a.example', false],
  ['an empty one', { HTTP_PROXY: '', http_proxy: '' }, 'http://a.example', false],
  ['HTTP_PROXY', { HTTP_PROXY: P }, 'http://a.example', true],
  ['http_proxy', { http_proxy: P }, 'http://a.example', true],
  ['http_proxy empty, HTTP_PROXY not', { http_proxy: '', HTTP_PROXY: P }, 'http://a.example', true],
  ['HTTP_PROXY for https', { HTTP_PROXY: P }, 'https://a.example', false],
  ['HTTPS_PROXY', { HTTPS_PROXY: P }, 'https://a.example', true],
  ['https_proxy', { https_proxy: P }, 'https://a.example', true],
  ['HTTPS_PROXY for http', { HTTPS_PROXY: P }, 'http://a.example', false],
  ['ALL_PROXY', { ALL_PROXY: P }, 'http://a.example', true],
  ['all_proxy for https', { all_proxy: P }, 'https://a.example', true],
  ['NO_PROXY=*', { HTTP_PROXY: P, NO_PROXY: '*' }, 'http://a.example', false],
  ['* among others', { HTTP_PROXY: P, NO_PROXY: 'x,*' }, 'http://a.example', false],
  ['the name', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, 'http://a.example', false],
  ['the name in capitals, with spaces', { HTTP_PROXY: P, NO_PROXY: ' x , A.EXAMPLE ' }, 'http://a.example', false],
  ['the name, whatever the port', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, 'http://a.example:8080', false],
  ['its domain', { HTTP_PROXY: P, NO_PROXY: 'example' }, 'http://a.example', false],
  ['its domain with a dot', { HTTP_PROXY: P, NO_PROXY: '.a.example' }, 'http://b.a.example', false],
  ['the name with a dot', { HTTP_PROXY: P, NO_PROXY: '.a.example' }, 'http://a.example', false],
  ['the name with a star', { HTTP_PROXY: P, NO_PROXY: '*.a.example' }, 'http://b.a.example', false],
  ['the end of a name', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, 'http://ba.example', true],
  ['a star before letters', { HTTP_PROXY: P, NO_PROXY: '*example' }, 'http://a.example', true],
  ['nothing but commas', { HTTP_PROXY: P, NO_PROXY: ',,' }, 'http://a.example', true],
  ['no_proxy over NO_PROXY', { HTTP_PROXY: P, NO_PROXY: 'a.example', no_proxy: 'z' }, 'http://a.example', true],
  ['no_proxy empty', { HTTP_PROXY: P, NO_PROXY: 'a.example', no_proxy: '' }, 'http://a.example', false],
  ['an IPv4 address', { HTTP_PROXY: P, NO_PROXY: '127.0.0.1' }, 'http://127.0.0.1:1', false],
  ['an IPv6 address', { HTTP_PROXY: P, NO_PROXY: '::1' }, 'http://[::1]:1', false],
  ['an IPv6 address in brackets', { HTTP_PROXY: P, NO_PROXY: '[::1]' }, 'http://[::1]:1', false],
  ['a port: left to the other client', { HTTP_PROXY: P, NO_PROXY: 'a.example:80' }, 'http://a.example', true],
  ['a network: left to the other client', { HTTP_PROXY: P, NO_PROXY: '127.0.0.0/8' }, 'http://127.0.0.1', true],
]

describe('an origin may be behind a proxy', () => {
  test.each([...ROWS])('%s', (_, env, origin, mayBe) => {
    expect(mayBeProxied(new URL(origin), env)).toBe(mayBe)
    const network = openNetwork({ clock: systemClock, env })
    expect(network.directAddress(origin) === undefined).toBe(mayBe)
  })
})

const servers: RawServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

describe('the table agrees with what the runtime’s own client does', () => {
  const sending = new URL('sending.ts', import.meta.url).pathname
  /** Asks both origins in a program of its own, since the runtime reads the environment at its start. */
  const PROGRAM = `const { sendTo, textOf } = await import(${JSON.stringify(sending)});
    const { openNetwork } = await import(${JSON.stringify(new URL('../../src/upstream/network.ts', import.meta.url).pathname)});
    const { systemClock } = await import(${JSON.stringify(new URL('../../src/base/clock.ts', import.meta.url).pathname)});
    const network = openNetwork({ clock: systemClock, env: process.env });
    for (const origin of process.argv.slice(1)) console.log(await textOf(await sendTo(origin, network)));
    process.exit()`

  async function ask(env: Environment, origins: readonly string[]): Promise<string[]> {
    const child = Bun.spawn([process.execPath, '-e', PROGRAM, ...origins], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdout: 'pipe',
      stderr: 'inherit',
    })
    return (await new Response(child.stdout).text()).trim().split('\n')
  }

  test('an origin goes through the proxy, or straight where NO_PROXY names it', async () => {
    const proxy = await startRaw(answering(reply('by the proxy')))
    const straight = await startRaw(answering(reply('straight')))
    servers.push(proxy, straight)
    const origins = ['http://provider.invalid', straight.origin]
    const env = { HTTP_PROXY: proxy.origin }
    expect(await ask(env, origins)).toEqual(['by the proxy', 'by the proxy'])
    expect(proxy.peers[0]?.text()).toStartWith('POST http://provider.invalid/v1/chat HTTP/1.1\r\n')
    expect(await ask({ ...env, NO_PROXY: '127.0.0.1' }, origins)).toEqual(['by the proxy', 'straight'])
    expect(await ask({ ...env, NO_PROXY: '127.0.0.0/8' }, origins)).toEqual(['by the proxy', 'straight'])
  })
})
