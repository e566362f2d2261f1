import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { PROGRAM, type ServiceMachine, serviceMachine } from './service-machine.ts'

let machine: ServiceMachine
beforeEach(() => {
  machine = serviceMachine()
})
afterEach(() => machine.home.remove())

const unit = () => readFileSync(machine.unit, 'utf8')
const START = [
  'systemctl --user daemon-reload',
  'systemctl --user enable candor.service',
  'systemctl --user start candor.service',
]

describe('install', () => {
  test('writes, enables and starts it; the second time there is nothing to do', async () => {
    const first = await machine.candor('service install')
    expect(first.exit).toBe(0)
    expect(first.err).toContain('Written: ~/config/systemd/user/candor.service\n')
    expect(first.err).toContain('loginctl enable-linger')
    expect(machine.calls()).toEqual(START)
    expect(unit()).toContain('\nExecStart=:/bin/sh /bin/echo serve\n')
    const written = unit()
    const second = await machine.candor('service install')
    expect(second).toMatchObject({ exit: 0, err: expect.stringContaining('Nothing to change') })
    expect(machine.calls()).toEqual(START.slice(0, 2))
    expect(unit()).toBe(written)
  })

  test('finds what the program here would: the places of files are in the unit', async () => {
    await machine.candor('service install', { env: { CANDOR_HOME: '/da ta', XDG_DATA_HOME: 'relative' } })
    expect(unit()).toContain('\nEnvironment="CANDOR_HOME=/da ta"\n')
    expect(unit()).not.toContain('relative')
  })

  test('shows a change, and makes it only where somebody agrees', async () => {
    await machine.candor('service install')
    machine.calls()
    const before = unit()
    const asked = await machine.candor('service install --port 9000')
    expect(asked.exit).toBe(2)
    expect(asked.err).toContain(
      '-ExecStart=:/bin/sh /bin/echo serve\n+ExecStart=:/bin/sh /bin/echo serve --port 9000\n',
    )
    expect(asked.err).toContain('fix: Write it without being asked: --yes')
    expect((await machine.candor('service install --port 9000', { typed: 'n\n' })).exit).toBe(1)
    expect(unit()).toBe(before)
    expect((await machine.candor('service install --port 9000', { typed: 'y\n' })).exit).toBe(0)
    expect(unit()).toContain('serve --port 9000\n')
    expect(machine.calls().at(-1)).toBe('systemctl --user restart candor.service')
  })

  test('keeps earlier options until they are given anew', async () => {
    await machine.candor('service install --port 9000 --host 127.0.0.1')
    await machine.candor('service install --port 9001 --yes')
    expect(unit()).toContain('serve --host 127.0.0.1 --port 9001\n')
  })

  test('with --no-start leaves the start to the next login', async () => {
    await machine.candor('service install --no-start')
    expect(machine.calls()).toEqual(START.slice(0, 2))
  })

  test('with --dry-run touches nothing', async () => {
    const { exit, out, err } = await machine.candor('service install --dry-run --port 9000')
    expect(exit).toBe(0)
    expect(out).toContain('\nExecStart=:/bin/sh /bin/echo serve --port 9000\n')
    expect(err).toContain('systemctl --user enable candor.service')
    expect(machine.calls()).toEqual([])
    expect(existsSync(machine.path('config'))).toBe(false)
  })

  test('has a document', async () => {
    const { exit, out } = await machine.candor('service install --json')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'written',
      manager: 'systemd',
      file: machine.unit,
      envFile: null,
      activity: 'active',
      byHand: [],
    })
  })

  test('warns of a configuration that the gateway would not start with', async () => {
    machine.home.configure('{ nothing')
    const { err } = await machine.candor('service install --no-start')
    expect(err).toContain('warning: ~/config/candor/candor.json5 has faults')
  })

  test('without systemctl writes the file, and says what is left to do', async () => {
    const { exit, err } = await machine.candor('service install', { env: { PATH: machine.path('nothing') } })
    expect(exit).toBe(69)
    expect(err).toContain("systemctl is not on this machine's search path.")
    for (const line of START) expect(err).toContain(`\n  ${line}`)
    expect(existsSync(machine.unit)).toBe(true)
  })

  test('tells what systemctl says against it', async () => {
    machine.breakAt('daemon-reload')
    const { exit, err } = await machine.candor('service install')
    expect({ exit, err }).toMatchObject({ exit: 69, err: expect.stringContaining('ended with 1: no systemctl today') })
  })

  test('does not start a second gateway', async () => {
    const gateway = machine.gateway()
    try {
      const { exit, err } = await machine.candor('service install')
      expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining('not as a service (process 1') })
      expect(machine.calls()).toEqual(START.slice(0, 2))
    } finally {
      await gateway.stop()
    }
  })

  test('refuses a program systemd would not run', async () => {
    const program = { ...PROGRAM, runtime: '/a "b"/node' }
    const { exit } = await machine.candor('service install', { program })
    expect(exit).toBe(2)
    expect(existsSync(machine.unit)).toBe(false)
  })

  test.each(['0', '70000', 'x'])('refuses the port %s', async port => {
    expect((await machine.candor(`service install --port ${port}`)).exit).toBe(2)
  })
})

describe('variables', () => {
  const file = () => machine.path('config/candor/service.env')
  const KEY = { OPENAI_API_KEY: "sk-'quoted key" }

  test('are handed over by name, into a file of their own', async () => {
    const { exit, out, err } = await machine.candor('service install --take-env OPENAI_API_KEY', { env: KEY })
    expect(exit).toBe(0)
    expect(readFileSync(file(), 'utf8')).toEndWith(`\nOPENAI_API_KEY="sk-'quoted key"\n`)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(unit()).toContain(`\nEnvironmentFile=${file()}\n`)
    expect(unit() + out + err).not.toContain('quoted key')
    const again = await machine.candor('service install', { env: KEY })
    expect(again.err).toContain('Nothing to change')
  })

  test('are asked for at a terminal', async () => {
    const refused = await machine.candor('service install --no-start', { env: KEY, typed: 'n\n' })
    expect(refused.err).toContain('  OPENAI_API_KEY\n')
    expect(existsSync(file())).toBe(false)
    expect(unit()).not.toContain('EnvironmentFile')
    rmSync(machine.unit)
    await machine.candor('service install --no-start', { env: KEY, typed: 'y\n' })
    expect(readFileSync(file(), 'utf8')).toContain('OPENAI_API_KEY=')
  })

  test('that the configuration needs and nobody gives are told', async () => {
    machine.home.configure(
      `{ gateway: { keys: ['\${GATE}'] }, models: { providers: {
        a: { baseUrl: 'http://127.0.0.1:9/\${OPTIONAL:-x}', api: 'openai-completions', apiKey: '\${NEEDED}', models: [{ id: 'm' }] },
        openai: { apiKey: { file: '\${FOLDER}/key' } } } } }`,
    )
    const { out } = await machine.candor('service install --dry-run --json', {
      env: { NEEDED: 'x', OPTIONAL: 'y', ...KEY },
    })
    expect(JSON.parse(out)).toMatchObject({
      missing: ['NEEDED', 'FOLDER', 'GATE'],
      leftOut: ['OPTIONAL', 'OPENAI_API_KEY'],
      envFile: null,
    })
  })

  test('come from a file of the user, if nobody else may read it', async () => {
    const absent = await machine.candor('service install --environment-file keys.env')
    const plain = machine.path('keys.env')
    expect(absent).toMatchObject({ exit: 2, err: expect.stringContaining(`There is no ${plain}.`) })
    writeFileSync(plain, 'OPENAI_API_KEY=x\n')
    chmodSync(plain, 0o640)
    const open = await machine.candor('service install --environment-file keys.env')
    expect(open).toMatchObject({ exit: 2, err: expect.stringContaining(`fix: Close it: chmod 600 ${plain}`) })
    chmodSync(plain, 0o600)
    expect((await machine.candor('service install --environment-file keys.env')).exit).toBe(0)
    expect(unit()).toContain(`\nEnvironmentFile=${plain}\n`)
    const both = await machine.candor('service install --take-env HOME')
    expect(both).toMatchObject({ exit: 2, err: expect.stringContaining('only into the file Candor makes') })
  })

  test('that are not set cannot be handed over', async () => {
    const { exit, err } = await machine.candor('service install --take-env OPENAI_API_KEY')
    expect({ exit, err }).toMatchObject({ exit: 2, err: expect.stringContaining('OPENAI_API_KEY is not set here') })
    expect(existsSync(machine.unit)).toBe(false)
  })
})

describe('status', () => {
  test('of nothing', async () => {
    const { exit, out } = await machine.candor('service status')
    expect({ exit, out }).toMatchObject({ exit: 1, out: expect.stringContaining('not installed') })
  })

  test('of a service that runs as it should', async () => {
    await machine.candor('service install')
    const silent = await machine.candor('service status')
    expect(silent).toMatchObject({ exit: 1, out: expect.stringContaining('does not answer yet') })
    const gateway = machine.gateway()
    const { exit, out } = await machine.candor('service status --json').finally(gateway.stop)
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      installed: true,
      manager: 'systemd',
      file: machine.unit,
      drift: [],
      activity: 'active',
      gateway: { pid: 1, version: '1', url: expect.stringContaining('127.0.0.1') },
      envFile: null,
      logs: 'journalctl --user -u candor',
    })
  })

  test('tells a file that was changed by hand, with the change', async () => {
    await machine.candor('service install')
    writeFileSync(machine.unit, unit().replace('RestartSec=5', 'RestartSec=1'))
    const { exit, out, err } = await machine.candor('service status')
    expect(exit).toBe(1)
    expect(out).toContain('not what candor service install would write now')
    expect(err).toContain('-RestartSec=1\n+RestartSec=5')
  })

  test('tells a program that moved', async () => {
    await machine.candor('service install', { program: { ...PROGRAM, launcher: '/gone/candor' } })
    const { out } = await machine.candor('service status')
    expect(out).toContain('/gone/candor is not there any more')
    expect((await machine.candor('service install --yes')).exit).toBe(0)
    expect(JSON.parse((await machine.candor('service status --json')).out)).toMatchObject({ drift: [] })
  })

  test('tells a file of variables that is gone, or open to others', async () => {
    const file = machine.path('config/candor/service.env')
    await machine.candor('service install --take-env HOME')
    chmodSync(file, 0o644)
    expect((await machine.candor('service status')).out).toContain('is open to others')
    rmSync(file)
    expect((await machine.candor('service status')).out).toContain(`there is no ${file}`)
  })
})

describe('start, stop, restart', () => {
  test.each(['start', 'stop', 'restart'] as const)('%s', async step => {
    expect(await machine.candor(`service ${step}`)).toMatchObject({
      exit: 1,
      err: expect.stringContaining('not installed'),
    })
    await machine.candor(step === 'start' ? 'service install --no-start' : 'service install')
    machine.calls()
    const { exit, err } = await machine.candor(`service ${step}`)
    expect({ exit, err }).toMatchObject({
      exit: 0,
      err: expect.stringContaining(step === 'stop' ? 'inactive' : 'is active'),
    })
    expect(machine.calls()).toEqual([`systemctl --user ${step} candor.service`])
    const again = await machine.candor(`service ${step}`)
    const told = { start: 'is active already', stop: 'is inactive already', restart: 'is active.' }[step]
    expect(again).toMatchObject({ exit: 0, err: expect.stringContaining(told) })
  })

  test('a start after which nothing runs is a finding', async () => {
    await machine.candor('service install --no-start')
    writeFileSync(
      machine.path('bin', 'systemctl'),
      '#!/bin/sh\ncase "$*" in *is-active*) echo inactive; exit 3 ;; esac\n',
    )
    for (const line of ['service start', 'service restart', 'service install --yes --port 9000'])
      expect({ line, exit: (await machine.candor(line)).exit }).toEqual({ line, exit: 1 })
  })

  test('a restart of what does not run is a start', async () => {
    await machine.candor('service install --no-start')
    machine.calls()
    await machine.candor('service restart')
    expect(machine.calls()).toEqual(['systemctl --user start candor.service'])
  })

  test('tell what the manager says against it', async () => {
    await machine.candor('service install')
    machine.breakAt('stop')
    const { exit, err } = await machine.candor('service stop')
    expect({ exit, err }).toMatchObject({ exit: 1, err: expect.stringContaining('no systemctl today') })
  })
})

describe('uninstall', () => {
  const files = () =>
    readdirSync(machine.path('config'), { recursive: true, withFileTypes: true })
      .filter(each => each.isFile())
      .map(({ name }) => name)

  test('stops it and takes away its file, and keeps the variables', async () => {
    await machine.candor('service install --take-env HOME')
    machine.calls()
    const { exit, err } = await machine.candor('service uninstall')
    expect(exit).toBe(0)
    expect(err).toContain('Kept, since it holds keys')
    expect(files()).toEqual(['service.env'])
    expect(machine.calls()).toEqual(['systemctl --user disable --now candor.service', 'systemctl --user daemon-reload'])
    expect((await machine.candor('service uninstall --purge')).exit).toBe(0)
    expect(files()).toEqual([])
    expect((await machine.candor('service uninstall')).exit).toBe(1)
  })

  test('takes away neither a file of variables of the user, nor a service of the user', async () => {
    await machine.candor('service install')
    const file = machine.path('config/candor/service.env')
    mkdirSync(machine.path('config/candor'), { recursive: true })
    writeFileSync(file, 'A=1\n')
    chmodSync(file, 0o644)
    const { err } = await machine.candor('service uninstall --purge')
    expect(err).toContain(`Kept, since it is yours: ~/config/candor/service.env`)
    writeFileSync(machine.unit, '[Service]\nExecStart=/mine\n')
    expect(await machine.candor('service uninstall')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('was not touched'),
    })
    expect(files().sort()).toEqual(['candor.service', 'service.env'])
  })

  test('without systemctl says that it may still run', async () => {
    await machine.candor('service install')
    const { err } = await machine.candor('service uninstall', { env: { PATH: '' } })
    expect(err).toContain('It may still run:\n  systemctl --user disable --now candor.service')
    expect(existsSync(machine.unit)).toBe(false)
  })
})

describe('elsewhere', () => {
  test('on macOS it is an agent of launchd', async () => {
    const plist = machine.path('Library/LaunchAgents/candor.gateway.plist')
    expect((await machine.candor('service install', { os: 'darwin' })).exit).toBe(0)
    expect(machine.calls()).toEqual(['launchctl enable gui/501/candor.gateway', `launchctl bootstrap gui/501 ${plist}`])
    const { out } = await machine.candor('service status --json', { os: 'darwin' })
    expect(JSON.parse(out)).toMatchObject({ manager: 'launchd', activity: 'active', drift: [] })
    await machine.candor('service restart', { os: 'darwin' })
    await machine.candor('service uninstall', { os: 'darwin' })
    expect(machine.calls()).toEqual([
      'launchctl bootout gui/501/candor.gateway',
      `launchctl bootstrap gui/501 ${plist}`,
      'launchctl bootout gui/501/candor.gateway',
    ])
    expect(existsSync(plist)).toBe(false)
  })

  test.each(['install', 'status', 'start', 'uninstall'])('on Windows %s says what to do', async verb => {
    const { exit, err } = await machine.candor(`service ${verb}`, { os: 'win32' })
    expect({ exit, err }).toMatchObject({
      exit: 69,
      err: expect.stringContaining('fix: Let the service manager you have'),
    })
  })
})
