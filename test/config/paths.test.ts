import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Environment, findPaths, PathError } from '../../src/app/config/paths.ts'

const CWD = '/cloned/repository'
const HOME = '/users/me'

interface Case {
  readonly about: string
  readonly flag?: string
  readonly env: Environment
  readonly file: string
  readonly from: string
  readonly named: boolean
}

const FILES: readonly Case[] = [
  { about: 'nothing', env: {}, file: `${HOME}/.config/candor/candor.json5`, from: 'default', named: false },
  {
    about: 'the XDG folder',
    env: { XDG_CONFIG_HOME: '/xdg' },
    file: '/xdg/candor/candor.json5',
    from: 'XDG_CONFIG_HOME',
    named: false,
  },
  {
    about: 'a relative XDG folder is ignored',
    env: { XDG_CONFIG_HOME: '.' },
    file: `${HOME}/.config/candor/candor.json5`,
    from: 'default',
    named: false,
  },
  {
    about: 'CANDOR_CONFIG',
    env: { CANDOR_CONFIG: '/c.json5', XDG_CONFIG_HOME: '/xdg' },
    file: '/c.json5',
    from: 'CANDOR_CONFIG',
    named: true,
  },
  {
    about: 'an empty CANDOR_CONFIG',
    env: { CANDOR_CONFIG: '' },
    file: `${HOME}/.config/candor/candor.json5`,
    from: 'default',
    named: false,
  },
  {
    about: '--config',
    flag: '/f.json5',
    env: { CANDOR_CONFIG: '/c.json5' },
    file: '/f.json5',
    from: '--config',
    named: true,
  },
  {
    about: '--config relative to where it was typed',
    flag: 'f.json5',
    env: {},
    file: `${CWD}/f.json5`,
    from: '--config',
    named: true,
  },
]

const FOLDERS: readonly { about: string; env: Environment; folder: string; from: string }[] = [
  { about: 'nothing', env: {}, folder: `${HOME}/.local/share/candor`, from: 'default' },
  { about: 'the XDG folder', env: { XDG_DATA_HOME: '/xdg' }, folder: '/xdg/candor', from: 'XDG_DATA_HOME' },
  {
    about: 'a relative XDG folder is ignored',
    env: { XDG_DATA_HOME: 'xdg' },
    folder: `${HOME}/.local/share/candor`,
    from: 'default',
  },
  { about: 'CANDOR_HOME', env: { CANDOR_HOME: '/data', XDG_DATA_HOME: '/xdg' }, folder: '/data', from: 'CANDOR_HOME' },
]

describe('where the configuration is', () => {
  test.each([...FILES])('$about', ({ flag, env, file, from, named }) => {
    const paths = findPaths({ cwd: CWD, home: HOME, env, ...(flag === undefined ? {} : { flag }) })
    expect([paths.configFile, paths.configFrom, paths.configNamed]).toEqual([file, from, named])
  })
})

describe('where the data is', () => {
  test.each([...FOLDERS])('$about', ({ env, folder, from }) => {
    const paths = findPaths({ cwd: CWD, home: HOME, env })
    expect([paths.dataDir, paths.dataFrom]).toEqual([folder, from])
  })
})

test.each(['CANDOR_CONFIG', 'CANDOR_HOME'])('a relative %s is refused, not resolved', name => {
  expect(() => findPaths({ cwd: CWD, home: HOME, env: { [name]: 'here/it.json5' } })).toThrow(
    new PathError(`${name} is "here/it.json5", a relative path. Give an absolute one: ${name}=/path/to/it`),
  )
})

test('no environment leads into the working directory', () => {
  const value = fc.constantFrom(undefined, '', '.', './', '..', 'x', '~', './candor.json5', '/abs', '/abs/c.json5')
  const env = fc.record({
    CANDOR_CONFIG: value,
    CANDOR_HOME: value,
    XDG_CONFIG_HOME: value,
    XDG_DATA_HOME: value,
    PWD: fc.constant(CWD),
  })
  fc.assert(
    fc.property(env, each => {
      try {
        const paths = findPaths({ cwd: CWD, home: HOME, env: each })
        expect(`${paths.configFile} ${paths.dataDir}`).not.toContain(CWD)
        expect([paths.configFile[0], paths.dataDir[0]]).toEqual(['/', '/'])
      } catch (error) {
        expect(error).toBeInstanceOf(PathError)
      }
    }),
  )
})
