import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectRoot } from '../project/source.ts'
import { healthCommand, type Instruction, named, only, variablesOf } from './dockerfile.ts'
import type { Place } from './packages-use.ts'

/** A folder that stands for the root of an image. */
export interface Image {
  readonly root: string
  /** The user's own folders of the image, in place of those at its root. */
  at(text: string): string
}

/** Folders at an image's root that a text may name. */
const OF_THE_ROOT = /(?<![\w.])\/(?=(?:out|src|data|config|run|usr\/local\/(?:bin|lib)|usr\/share\/doc)(?:\/|\b))/g

/** An image in a folder. */
export function imageIn(root: string): Image {
  return { root, at: text => text.replaceAll(OF_THE_ROOT, `${root}/`) }
}

/** The words of a COPY instruction: what is copied, and where to. */
export function copyWords({ text }: Instruction): { readonly from: readonly string[]; readonly to: string } {
  const words = text.split(' ')
  return { from: words.slice(0, -1), to: words.at(-1) ?? '' }
}

/**
 * Does what the building stage does: nothing is there but what it copies. Its packages are this project's own, since what `npm ci` does
 * is npm's. Throws with what was said if a command fails.
 */
export function runBuildStage(stage: readonly Instruction[], image: Image): void {
  const folder = image.at(only(stage, 'WORKDIR'))
  mkdirSync(folder, { recursive: true })
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  for (const copy of named(stage, 'COPY')) copyInto(copy, folder)
  for (const { text } of named(stage, 'RUN').filter(({ text }) => !text.startsWith('npm ci '))) {
    const done = spawnSync('sh', ['-c', image.at(text)], { cwd: folder, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`${text}\n${done.stdout}${done.stderr}`)
  }
}

function copyInto(instruction: Instruction, folder: string): void {
  const { from, to } = copyWords(instruction)
  for (const path of from) {
    const target = to.endsWith('/') ? join(folder, to, path.slice(path.lastIndexOf('/') + 1)) : join(folder, to)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(projectRoot, path), target, { recursive: true })
  }
}

/** Fills the running stage's folders from the building one's and from the project. */
export function runRuntimeStage(stage: readonly Instruction[], image: Image): void {
  for (const copy of named(stage, 'COPY')) {
    if (copy.flags.includes('--from=build')) {
      const { from, to } = copyWords(copy)
      for (const path of from) cpSync(image.at(path), image.at(to), { recursive: true })
    } else copyInto(copy, image.root)
  }
}

/** How the image's program is started: with its variables, and nothing of the machine's but a shell. */
export function startedAs(stage: readonly Instruction[], image: Image, command: string): Place {
  const line: string[] = JSON.parse(only(stage, 'ENTRYPOINT'))
  const variables = Object.entries(variablesOf(stage)).map(([name, value]) => [name, image.at(value)])
  return {
    line: [...line, ...JSON.parse(command)].map(image.at),
    cwd: image.at(only(stage, 'WORKDIR')),
    env: { ...Object.fromEntries(variables), PATH: `${image.at('/usr/local/bin')}:/usr/bin:/bin` },
  }
}

/** Runs the health check beside the program, and gives its exit code. */
export function healthOf(stage: readonly Instruction[], image: Image, { cwd, env }: Place): number | null {
  const [program = '', ...args] = healthCommand(stage).map(image.at)
  return spawnSync(program, args, { cwd, env: { ...env } }).status
}
