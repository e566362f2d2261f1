import { bugreport } from './commands/bugreport.ts'
import { chat } from './commands/chat.ts'
import { completionFor } from './commands/completion.ts'
import { config } from './commands/config.ts'
import { connect } from './commands/connect.ts'
import { dashboard } from './commands/dashboard.ts'
import { demo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { explain } from './commands/explain.ts'
import { importSettings } from './commands/import.ts'
import { init } from './commands/init.ts'
import { keys } from './commands/keys.ts'
import { logs } from './commands/logs.ts'
import { models } from './commands/models.ts'
import { providers } from './commands/providers.ts'
import { replay } from './commands/replay.ts'
import { route } from './commands/route.ts'
import { run } from './commands/run.ts'
import { serve } from './commands/serve.ts'
import { service } from './commands/service.ts'
import { sim } from './commands/sim.ts'
import { status } from './commands/status.ts'
import { trace } from './commands/trace.ts'
import { upgrade } from './commands/upgrade.ts'
import { usage } from './commands/usage.ts'
import { version } from './commands/version.ts'
import type { Verb } from './verb.ts'

/** Every command, in the order of the help. */
export const VERBS: readonly Verb[] = [
  init,
  serve,
  service,
  demo,
  dashboard,
  status,
  chat,
  connect,
  run,
  importSettings,
  models,
  providers,
  route,
  doctor,
  trace,
  replay,
  explain,
  logs,
  usage,
  keys,
  config,
  sim,
  bugreport,
  completionFor(() => VERBS),
  upgrade,
  version,
]
