// Where the single binary starts. It has no launcher, so it starts itself once more if the guard rails are not set.
import { become } from './become.mjs'
import { guardRails } from './guard-rails.mjs'

const env = guardRails(process.env)
const isSet = Object.entries(env).every(([name, value]) => process.env[name] === value)
if (isSet) await import('../src/cli/main.ts')
else become(process.execPath, process.argv.slice(2), env)
