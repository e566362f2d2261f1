import { shown, tell } from '../tell.ts'
import type { EnvironmentChoice } from './choose-env.ts'
import type { ServiceSetting } from './setting.ts'

/** Says what was written. `isSame`: the service file was like this already. */
export function tellWritten(isSame: boolean, environment: EnvironmentChoice, setting: ServiceSetting): void {
  const { desk, manager, program } = setting
  const { file, taken } = environment
  tell(`${isSame ? 'Nothing to change' : 'Written'}: ${shown(manager.file, desk)}`, desk)
  if (file !== undefined && taken.length > 0)
    tell(`Written, readable for you alone: ${shown(file, desk)}, with ${taken.join(', ')}`, desk)
  else if (file !== undefined) tell(`environment from ${shown(file, desk)}`, desk, '  ')
  tellVariables(environment, setting)
  if (program.launcher.includes('/_npx/'))
    warn('This Candor lies in the cache of npx, which is emptied now and then. Install it for good first.', setting)
}

/** Says which variables the service will not have. */
export function tellVariables({ missing, leftOut }: EnvironmentChoice, setting: ServiceSetting): void {
  const { desk, config, paths } = setting
  if (config === undefined)
    warn(`${shown(paths.configFile, desk)} has faults, so the gateway will not start: candor config check`, setting)
  if (missing.length > 0)
    warn(`The configuration needs ${missing.join(', ')}, which the service will not have. ${HOW}`, setting)
  if (leftOut.length > 0)
    tell(`Set in this shell, and not seen by the service: ${leftOut.join(', ')}. ${HOW}`, desk, '  ')
}

const HOW = 'To hand one over: candor service install --take-env NAME'

function warn(text: string, { desk }: ServiceSetting): void {
  tell(text, desk, `${desk.print.paintNote('yellow', 'warning:')} `)
}
