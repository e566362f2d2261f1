/** One instruction of a Dockerfile, its lines joined. */
export interface Instruction {
  readonly name: string
  /** `--from=build` and the like. */
  readonly flags: readonly string[]
  readonly text: string
}

/** The instructions of a Dockerfile, stage by stage; what stands before the first FROM is its own part, the first. */
export function stagesOf(text: string): readonly (readonly Instruction[])[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
  const stages: Instruction[][] = [[]]
  for (const line of lines.map(each => each.trim()).filter(each => each !== '')) {
    const instruction = instructionOf(line)
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

function instructionOf(line: string): Instruction {
  const [, name = '', flagText = '', text = ''] = /^([A-Z]+)\s+((?:--\S+\s+)*)(.*)$/.exec(line) ?? []
  if (name === '') throw new Error(`"${line}" is no instruction`)
  return {
    name,
    flags: flagText
      .trim()
      .split(/\s+/)
      .filter(flag => flag !== ''),
    text: text.replace(/\s+/g, ' '),
  }
}

/** Those of one name, in their order. */
export function named(stage: readonly Instruction[], name: string): readonly Instruction[] {
  return stage.filter(instruction => instruction.name === name)
}

/** The text of the one instruction of that name. Throws if there is another number of them. */
export function only(stage: readonly Instruction[], name: string): string {
  const [found, ...more] = named(stage, name)
  if (found === undefined || more.length > 0)
    throw new Error(`${name} stands there ${more.length + 1} times or not at all`)
  return found.text
}

/** What the health check runs. It has to be in the form of a list, after CMD. */
export function healthCommand(stage: readonly Instruction[]): readonly string[] {
  return JSON.parse(only(stage, 'HEALTHCHECK').replace(/^CMD /, ''))
}

/** The variables an image sets. */
export function variablesOf(stage: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = named(stage, 'ENV').flatMap(({ text }) => text.split(' ').map(pair => pair.split('=')))
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]))
}
