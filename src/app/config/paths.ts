import { isAbsolute, join, resolve } from 'node:path'

/** The process environment, handed in by the program's entry: nothing else reads it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the search for files looks at. */
export interface PathInputs {
  /** The `--config` argument. Relative to `cwd`, since the user typed it there. */
  readonly flag?: string
  /** Used only to complete a relative `--config`. */
  readonly cwd: string
  readonly env: Environment
  /** The user's home folder. */
  readonly home: string
}

/** Where the configuration and the data are, and what decided it. */
export interface Paths {
  readonly configFile: string
  readonly configFrom: '--config' | 'CANDOR_CONFIG' | 'XDG_CONFIG_HOME' | 'default'
  /** True if the user named the file: then it must exist. */
  readonly configNamed: boolean
  readonly dataDir: string
  readonly dataFrom: 'CANDOR_HOME' | 'XDG_DATA_HOME' | 'default'
}

/** A path from the environment that cannot be used. The message says which and how to mend it. */
export class PathError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PathError'
  }
}

/**
 * Finds the configuration file and the data folder. The working directory is never searched: a cloned repository must not be able to
 * redirect anyone's keys. Relative XDG values are ignored, as the XDG base directory specification demands; a relative
 * `CANDOR_CONFIG` or `CANDOR_HOME` throws {@link PathError}.
 */
export function findPaths(inputs: PathInputs): Paths {
  return { ...configPath(inputs), ...dataPath(inputs) }
}

function configPath({ flag, cwd, env, home }: PathInputs): Pick<Paths, 'configFile' | 'configFrom' | 'configNamed'> {
  if (flag !== undefined && flag !== '')
    return { configFile: resolve(cwd, flag), configFrom: '--config', configNamed: true }
  const named = absolute(env, 'CANDOR_CONFIG')
  if (named !== undefined) return { configFile: named, configFrom: 'CANDOR_CONFIG', configNamed: true }
  const xdg = env['XDG_CONFIG_HOME']
  const usable = xdg !== undefined && isAbsolute(xdg)
  const folder = usable ? xdg : join(home, '.config')
  return {
    configFile: join(folder, 'candor', 'candor.json5'),
    configFrom: usable ? 'XDG_CONFIG_HOME' : 'default',
    configNamed: false,
  }
}

function dataPath({ env, home }: PathInputs): Pick<Paths, 'dataDir' | 'dataFrom'> {
  const named = absolute(env, 'CANDOR_HOME')
  if (named !== undefined) return { dataDir: named, dataFrom: 'CANDOR_HOME' }
  const xdg = env['XDG_DATA_HOME']
  if (xdg !== undefined && isAbsolute(xdg)) return { dataDir: join(xdg, 'candor'), dataFrom: 'XDG_DATA_HOME' }
  return { dataDir: join(home, '.local', 'share', 'candor'), dataFrom: 'default' }
}

function absolute(env: Environment, name: string): string | undefined {
  const value = env[name]
  if (value === undefined || value === '') return undefined
  if (!isAbsolute(value))
    throw new PathError(`${name} is "${value}", a relative path. Give an absolute one: ${name}=/path/to/it`)
  return value
}
