import { jsonSchema } from '../../app/config/schema.ts'

type Schema = ReturnType<typeof jsonSchema>

/** The paths of the configuration that hold one value, such as `bodies.keepDays`. What stands below names of the user's own is not among them. */
export function configPaths(schema: Schema = jsonSchema(), above = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, below]) => {
    if (typeof below === 'boolean' || !PLAIN_NAME.test(name)) return []
    const path = `${above}${name}`
    return below.properties === undefined ? [path] : configPaths(below as Schema, `${path}.`)
  })
}

/** Not `$schema`, which a shell would take for a variable. */
const PLAIN_NAME = /^\w+$/
