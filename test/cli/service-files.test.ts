import { describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { launchdPlist } from '../../src/cli/service/launchd-plist.ts'
import { readChoices, readPrograms, type ServicePlan } from '../../src/cli/service/plan.ts'
import { systemdPath, systemdWord } from '../../src/cli/service/quoting.ts'
import { systemdUnit } from '../../src/cli/service/systemd-unit.ts'

/**
 * Words of a setting as systemd reads them: quotes and C escapes as in systemd.syntax(7), then `%%` for `%` as in systemd.unit(5). Any other use of
 * `%` would be a specifier, and is a failure here.
 */
function wordsOf(line: string): readonly string[] {
  const bytes: number[][] = []
  let word: number[] | undefined
  let quoted = false
  const put = (...more: number[]) => {
    word = [...(word ?? []), ...more]
  }
  for (let at = 0; at < line.length; ) {
    const written = /^\\(?:x([0-9a-f]{2})|([nt\\"]))/.exec(line.slice(at))
    const char = String.fromCodePoint(line.codePointAt(at) ?? 0)
    if (written !== null)
      put(written[1] === undefined ? (SIMPLE[written[2] ?? ''] ?? -1) : Number.parseInt(written[1], 16))
    else if (char === '"') {
      quoted = !quoted
      put()
    } else if (!quoted && char === ' ') {
      if (word !== undefined) bytes.push(word)
      word = undefined
    } else put(...new TextEncoder().encode(char))
    at += written?.[0].length ?? char.length
  }
  if (word !== undefined) bytes.push(word)
  return bytes.map(each => {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(each))
    expect(text.replaceAll('%%', '')).not.toContain('%')
    return text.replaceAll('%%', '%')
  })
}

const SIMPLE: Readonly<Record<string, number>> = { n: 10, t: 9, '\\': 92, '"': 34 }

const odd = fc.string({
  unit: fc.oneof(fc.constantFrom(...` %"'\\$;:\n\t#=~é\u0085\u{1f600}`), fc.string({ minLength: 1 })),
})

describe('systemd', () => {
  test('reads back every word as it was', () => {
    fc.assert(
      fc.property(fc.array(odd), words => {
        const clean = words.map(word => word.toWellFormed().replaceAll('\0', ''))
        const line = clean.map(systemdWord).join(' ')
        expect(line).not.toContain('\n')
        expect(wordsOf(line)).toEqual(clean)
      }),
    )
  })

  test('reads a path to the end of its line', () => {
    expect(systemdPath('/a b/%i "c"')).toBe('/a b/%%i "c"')
  })

  test('is told how to start and to stop it', () => {
    const unit = systemdUnit(PLAN)
    expect(unit).toContain('\nExecStart=:"/opt/no de/node" "/x%%y/candor" serve --config "/c--d\'e.json5"\n')
    expect(unit).toContain('\nEnvironment=CANDOR_HOME=/data\n')
    expect(unit).toContain('\nEnvironmentFile=/e %%f.env\n')
    for (const line of [
      'KillSignal=SIGTERM',
      'KillMode=mixed',
      'TimeoutStopSec=700',
      'Restart=on-failure',
      'NoNewPrivileges=yes',
    ])
      expect(unit).toContain(`\n${line}\n`)
  })

  test('needs no runtime for the single binary', () => {
    const unit = systemdUnit({
      ...PLAN,
      program: { launcher: '/bin/candor', userId: 1 },
      choices: { serve: [], envFile: null },
    })
    expect(unit).toContain('\nExecStart=:/bin/candor serve\n')
    expect(unit).not.toContain('EnvironmentFile')
  })
})

const PLAN: ServicePlan = {
  program: { runtime: '/opt/no de/node', launcher: '/x%y/candor', userId: 501 },
  choices: { serve: ['--config', "/c--d'e.json5"], envFile: '/e %f.env' },
  places: { CANDOR_HOME: '/data' },
  stopWithinS: 700,
  logFile: '/logs & <more>/candor.log',
}

/** What Python's own reader of property lists makes of one. */
function readPlist(text: string): unknown {
  const script = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'
  const { stdout, stderr } = spawnSync('python3', ['-c', script], { input: text, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('launchd is told the same', () => {
  expect(readPlist(launchdPlist(PLAN))).toEqual({
    Label: 'candor.gateway',
    ProgramArguments: ['/opt/no de/node', '--env-file=/e %f.env', '/x%y/candor', 'serve', '--config', "/c--d'e.json5"],
    EnvironmentVariables: { CANDOR_HOME: '/data' },
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ExitTimeOut: 700,
    Umask: 0o077,
    StandardOutPath: '/logs & <more>/candor.log',
    StandardErrorPath: '/logs & <more>/candor.log',
  })
})

describe('the choices', () => {
  test('are read back from both files', () => {
    const choices = fc.record({ serve: fc.array(odd), envFile: fc.option(odd) })
    fc.assert(
      fc.property(choices, each => {
        const clean = {
          serve: each.serve.map(word => word.toWellFormed()),
          envFile: each.envFile?.toWellFormed() ?? null,
        }
        const plan = { ...PLAN, choices: clean }
        expect(readChoices(systemdUnit(plan))).toEqual(clean)
        expect(readChoices(launchdPlist(plan))).toEqual(clean)
        expect(readPrograms(launchdPlist(plan))).toEqual(['/opt/no de/node', '/x%y/candor'])
      }),
    )
  })

  test.each([
    '',
    '# Choices: {',
    '# Choices: {"serve":1,"envFile":null}',
    '# Choices: {"serve":[],"envFile":2}',
    '# Choices: null',
  ])('are not read from %j', text => {
    expect(readChoices(text)).toBeUndefined()
  })
})
