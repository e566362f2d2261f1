// Turns this process into another program.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Runs `program` in place of this process, or, where a system cannot do that, beside it until it ends: with its signals and its exit code. */
export function become(program, argv, env) {
  // With execve no wrapper process stays behind: signals, exit code and the process id are the program's own.
  if (typeof process.execve === 'function') process.execve(program, [program, ...argv], env)

  const child = spawn(program, argv, { stdio: 'inherit', env })
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  // A terminal's Ctrl-C reaches the whole group, so the child has it already: a second one would mean "stop at once".
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => process.stdin.isTTY || child.kill(signal))
  child.on('error', error => {
    console.error(`candor: could not start ${program}: ${error.message}`)
    process.exit(69)
  })
  child.on('exit', (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0)),
  )
}
