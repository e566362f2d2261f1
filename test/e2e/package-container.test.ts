import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import manifest from '../../package.json' with { type: 'json' }
import { projectRoot } from '../project/source.ts'
import { healthCommand, named, only, stagesOf, variablesOf } from './dockerfile.ts'
import { runLine } from './harness.ts'
import { copyWords, healthOf, imageIn, runBuildStage, runRuntimeStage, startedAs } from './image.ts'
import { scratchFolder } from './packages.ts'
import { tell } from './packages-use.ts'

const COMPOSE = 'deploy/compose'
const KEY = 'cnd_0123456789abcdef0123456789abcdef'

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')
const [bases = [], build = [], runtime = [], ...more] = stagesOf(read('Dockerfile'))
const copiedHere = [...build, ...runtime]
  .filter(({ name, flags }) => name === 'COPY' && !flags.some(flag => flag.startsWith('--from=')))
  .flatMap(copy => copyWords(copy).from)

describe('the Dockerfile', () => {
  test('has a base to build on and one to run on, each of which can be replaced by a digest', () => {
    expect(named(bases, 'ARG').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^BUILD_IMAGE=docker\.io\/library\/node:[1-9][\w.-]+$/),
      expect.stringMatching(/^RUNTIME_IMAGE=docker\.io\/library\/debian:\w[\w.-]+$/),
    ])
    expect([only(build, 'FROM'), only(runtime, 'FROM'), more]).toEqual(['$BUILD_IMAGE AS build', '$RUNTIME_IMAGE', []])
  })

  test('installs without scripts', () => {
    expect(named(build, 'RUN')[0]?.text).toStartWith('npm ci --ignore-scripts ')
  })

  test('copies what is there, and the list of what a build may see is exactly that', () => {
    expect(copiedHere.filter(path => !existsSync(join(projectRoot, path)))).toEqual([])
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
    expect(first).toBe('*')
    expect(rest.map(line => line.slice(1)).sort()).toEqual([...copiedHere].sort())
  })

  test('fetches nothing, and runs as nobody in particular', () => {
    const [user, group] = only(runtime, 'USER').split(':')
    expect(only(runtime, 'RUN')).toBe(`install -d -m 0700 -o ${user} -g ${group} ${only(runtime, 'WORKDIR')}`)
    expect([...build, ...runtime].filter(({ name }) => name === 'ADD')).toEqual([])
    expect(only(runtime, 'USER')).toMatch(/^[1-9]\d{4}:[1-9]\d{4}$/)
    expect(only(runtime, 'STOPSIGNAL')).toBe('SIGTERM')
  })

  test('has no variable that could hold a secret', () => {
    const names = [...Object.keys(variablesOf(build)), ...Object.keys(variablesOf(runtime))]
    expect(names).toEqual(['CANDOR_CONTAINER', 'CANDOR_HOME', 'XDG_CONFIG_HOME', 'HOME'])
  })
})

describe('compose.yaml', () => {
  const compose = parse(read(`${COMPOSE}/compose.yaml`))
  const service = compose.services.candor

  test('has one service, of this version, built here, as the user of the image', () => {
    expect(Object.keys(compose.services)).toEqual(['candor'])
    expect(service.image).toBe(`candor:${manifest.version}`)
    expect(existsSync(join(projectRoot, COMPOSE, service.build.context, 'Dockerfile'))).toBe(true)
    expect(service.user).toBe(only(runtime, 'USER'))
    expect(service.command).toEqual(JSON.parse(only(runtime, 'CMD')))
  })

  test('can write nothing but its volume, and may do nothing', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ports: [`127.0.0.1:${only(runtime, 'EXPOSE')}:${only(runtime, 'EXPOSE')}`],
      volumes: [`data:${variablesOf(runtime)['CANDOR_HOME']}`, './config:/config/candor:ro'],
    })
    expect(service.cap_add ?? service.privileged).toBeUndefined()
    expect(Object.keys(compose.volumes)).toEqual(['data'])
  })

  test('has its secrets in files that are never committed', () => {
    expect(service.secrets).toEqual(Object.keys(compose.secrets))
    for (const { file } of Object.values<{ file: string }>(compose.secrets)) expect(file).toStartWith('./secrets/')
    expect(read('.gitignore')).toContain(`/${COMPOSE}/secrets/\n`)
    expect(service.environment).toBeUndefined()
  })

  test('looks at its health as the image does', () => {
    const [form, ...command] = service.healthcheck.test
    expect(form).toBe('CMD')
    expect(command.map((word: string) => word.replaceAll('$$', '$'))).toEqual(healthCommand(runtime))
  })
})

describe('what the image runs', () => {
  const scratch = scratchFolder()
  const image = imageIn(scratch.path)
  const usual = startedAs(runtime, image, only(runtime, 'CMD'))
  const onAnyPort = { ...usual, line: [...usual.line, '--port', '0'] }

  beforeAll(() => {
    runBuildStage(build, image)
    for (const folder of ['/usr/local/bin', '/config/candor', '/run/secrets', '/data'])
      mkdirSync(image.at(folder), { recursive: true, mode: 0o700 })
    runRuntimeStage(runtime, image)
  }, 60_000)
  afterAll(() => scratch.remove())

  test('is the binary, with the list of what it is made of, built from what was copied', async () => {
    expect((await tell({ ...usual, line: usual.line.slice(0, 1) }, 'version')).text).toContain(manifest.version)
    const bill = JSON.parse(readFileSync(image.at('/usr/share/doc/candor/sbom.json'), 'utf8'))
    expect(bill.bomFormat).toBe('CycloneDX')
  })

  test('does not start on all addresses without a key', async () => {
    const { exit, text } = await tell(onAnyPort)
    expect(text).toContain('let anybody on the network spend your keys')
    expect(exit.code).toBe(2)
    expect(healthOf(runtime, image, usual)).toBe(1)
  })

  test('starts with the configuration and the secrets of compose.yaml, is well, and stops in order', async () => {
    const text = readFileSync(join(projectRoot, COMPOSE, 'config/candor.json5'), 'utf8')
    writeFileSync(image.at('/config/candor/candor.json5'), image.at(text), { mode: 0o600 })
    for (const [name, value] of [
      ['gateway_key', KEY],
      ['provider_key', 'sk-or-v1-of-nobody'],
    ] as const)
      writeFileSync(image.at(`/run/secrets/${name}`), `${value}\n`, { mode: 0o600 })
    const gateway = runLine(onAnyPort.line, onAnyPort)
    const [, port = ''] = await gateway.said(/"url":"http:\/\/0\.0\.0\.0:(\d+)"/)
    expect(healthOf(runtime, image, usual)).toBe(0)
    const models = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${port}/v1/models`, { headers })
    expect((await models({})).status).toBe(401)
    expect((await models({ authorization: `Bearer ${KEY}` })).status).toBe(200)
    expect((await models({ authorization: `Bearer ${KEY}`, host: `candor:${port}` })).status).toBe(200)
    gateway.signal('SIGTERM')
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    expect(healthOf(runtime, image, usual)).toBe(1)
  })

  test('gives calls less time to end than compose.yaml gives the container', async () => {
    const shown = await tell({ ...usual, line: usual.line.slice(0, 1) }, 'config', 'show', '--json')
    const drainMs = Number(/"path":"gateway.drainMs","value":"(\d+)"/.exec(shown.text)?.[1])
    const grace = parse(read(`${COMPOSE}/compose.yaml`)).services.candor.stop_grace_period
    expect(drainMs).toBeGreaterThan(0)
    expect(Number.parseInt(grace, 10) * 1000).toBeGreaterThan(drainMs)
  })
})
