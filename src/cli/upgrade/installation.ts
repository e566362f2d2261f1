import { join } from 'node:path/posix'
import type { Environment } from '../../app/config/paths.ts'

/** What tells how this copy was installed. Paths have forward slashes, also on Windows. */
export interface Layout {
  /** The folder of Candor's own package.json. */
  readonly root: string
  /** The program is one file: `bun build --compile` puts the sources below {@link COMPILED_ROOTS}. */
  readonly compiled: boolean
  /** The running program itself. */
  readonly program: string
  readonly env: Environment
  /** True if there is such a file or folder. */
  exists(path: string): boolean
}

/** How a copy was installed. */
export type InstallKind =
  | 'checkout'
  | 'npm-global'
  | 'pnpm-global'
  | 'yarn-global'
  | 'bun-global'
  | 'volta'
  | 'npx'
  | 'project'
  | 'container'
  | 'binary'
  | 'unknown'

/** How this copy was installed, and what brings a newer one. */
export interface Installation {
  readonly kind: InstallKind
  /** Where it is. */
  readonly path: string
  /** What was found, one sentence. */
  readonly about: string
  /** To be typed one after the other; empty where no command can be named. */
  readonly commands: readonly string[]
  /** What to know about them. */
  readonly advice?: string
}

/** Where a compiled program finds its own sources: https://bun.sh/docs/bundler/executables */
export const COMPILED_ROOTS = ['/$bunfs/', 'B:/~BUN/'] as const

const NAME = 'candor'

/** Finds out how a copy was installed, by its own path and what lies beside it. Runs nothing. */
export function findInstallation(layout: Layout): Installation {
  const { root, env, exists } = layout
  if ((env['CANDOR_CONTAINER'] ?? '') !== '') return container(layout)
  const found = layout.compiled ? binary(layout) : (checkout(layout) ?? ofManager(layout) ?? unknown(root))
  // Whatever is installed by hand in a container is gone with it; what a person works on lies outside.
  const ownFolder = found.kind === 'checkout' || found.kind === 'project' || found.kind === 'npx'
  return exists('/.dockerenv') && !ownFolder ? container(layout) : found
}

function container({ root, compiled, program }: Layout): Installation {
  return {
    kind: 'container',
    path: compiled ? program : root,
    about: 'This copy lies in a container, and what is changed in there is gone with it.',
    commands: ['docker compose up --build --detach'],
    advice:
      'Type it outside of the container, in a newer checkout, where the compose file is. Without compose: build the image anew, then start the container from it. Keep the data folder on a volume.',
  }
}

function binary({ program }: Layout): Installation {
  return {
    kind: 'binary',
    path: program,
    about: 'This copy is a single file that holds everything.',
    commands: [],
    advice: `Put the newer file in its place: ${program}. On Linux and macOS move it there, as copying into the file of a running program fails.`,
  }
}

function checkout({ root, exists }: Layout): Installation | undefined {
  if (!exists(join(root, '.git'))) return undefined
  return {
    kind: 'checkout',
    path: root,
    about: 'This copy is a git checkout.',
    commands: [`cd ${quoted(root)}`, 'git pull', 'npm ci'],
  }
}

function unknown(root: string): Installation {
  return {
    kind: 'unknown',
    path: root,
    about: 'How this copy was installed cannot be told from where it is.',
    commands: [],
    advice: 'Get the newer version the way you got this one.',
  }
}

/** A name asks the registry; a copy that was made from a file was never there. */
const FROM_A_FILE = `If it was installed from a file (npm run package), name the newer file in place of ${NAME}@latest.`

/** A package manager's own folder for programs of the user, by a part of the path. */
const GLOBAL_FOLDERS: readonly (readonly [RegExp, InstallKind, string, string])[] = [
  [/\/\.volta\/tools\/image\/packages\//, 'volta', 'Volta', `volta install ${NAME}@latest`],
  [/\/pnpm\/(?:[^/]+\/)?global\/\d+\//i, 'pnpm-global', 'pnpm', `pnpm add -g ${NAME}@latest`],
  [/\/\.bun\/install\/global\//, 'bun-global', 'Bun', `bun add -g ${NAME}@latest`],
  [/\/yarn\/(?:data\/)?global\//i, 'yarn-global', 'Yarn', `yarn global add ${NAME}@latest`],
]

/** Folders of copies that are made for one run, and the command that asks for the newest. */
const SINGLE_RUNS: readonly (readonly [RegExp, string])[] = [
  [/\/_npx\//, `npx ${NAME}@latest`],
  [/\/bunx-[^/]+\//, `bunx ${NAME}@latest`],
  [/\/dlx(?:-[^/]+)?\//, `pnpm dlx ${NAME}@latest`],
]

function ofManager(layout: Layout): Installation | undefined {
  const { root } = layout
  const single = SINGLE_RUNS.find(([folder]) => folder.test(root))
  if (single !== undefined)
    return {
      kind: 'npx',
      path: root,
      about: 'This copy was fetched for single runs and lies in a cache.',
      commands: [single[1]],
      advice: `Without @latest the copy in the cache may be run again. ${FROM_A_FILE}`,
    }
  const owner = GLOBAL_FOLDERS.find(([folder]) => folder.test(root))
  if (owner !== undefined) {
    const [, kind, manager, command] = owner
    return {
      kind,
      path: root,
      about: `${manager} installed this copy for the user.`,
      commands: [command],
      advice: FROM_A_FILE,
    }
  }
  return ofNodeModules(layout)
}

/** The folder that holds `node_modules`, also where a manager keeps the package itself in a store below it. */
const NODE_MODULES = /^(.*?)\/node_modules\//

function ofNodeModules({ root, exists }: Layout): Installation | undefined {
  const above = NODE_MODULES.exec(`${root}/`)?.[1]
  if (above === undefined) return undefined
  if (!exists(join(above, 'package.json')))
    return {
      kind: 'npm-global',
      path: root,
      about: 'npm installed this copy for the whole machine or user.',
      commands: [`npm install -g ${NAME}@latest`],
      advice: FROM_A_FILE,
    }
  return {
    kind: 'project',
    path: root,
    about: `This copy is a dependency of the project in ${above}.`,
    commands: [`cd ${quoted(above)}`, `${addCommand(above, exists)} ${NAME}@latest`],
    advice: FROM_A_FILE,
  }
}

/** By the lock file, whose manager is the one that may change it. */
const LOCKS: readonly (readonly [string, string])[] = [
  ['pnpm-lock.yaml', 'pnpm add'],
  ['yarn.lock', 'yarn add'],
  ['bun.lock', 'bun add'],
  ['bun.lockb', 'bun add'],
]

function addCommand(folder: string, exists: Layout['exists']): string {
  return LOCKS.find(([file]) => exists(join(folder, file)))?.[1] ?? 'npm install'
}

/** A path for a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
