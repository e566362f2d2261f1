import { stat } from 'node:fs/promises'
import { ledgerPath } from '../../ledger/ledger-file.ts'
import { openLedgerReader } from '../../ledger/open.ts'
import { missingGuardRails } from '../guard-rails.ts'
import { isSet } from '../shell.ts'
import type { Check, Finding } from './finding.ts'

/** The runtime, and what the launcher has set for it. */
export const runtimeCheck: Check = {
  id: 'runtime',
  async run({ desk }) {
    const { env, runtime } = desk.shell
    const missing = missingGuardRails(env)
    if (missing.length === 0)
      return [
        {
          id: 'runtime',
          severity: 'ok',
          message: `Bun ${runtime.bun} on ${runtime.os} ${runtime.arch}, with its guard rails set.`,
        },
      ]
    return missing.map(message => ({
      id: 'runtime.guard-rails',
      severity: 'error',
      message: `${message}.`,
      fixHint: 'Start Candor with its launcher: candor.',
    }))
  },
}

/** Faults and warnings of the configuration. */
export const configCheck: Check = {
  id: 'config',
  async run({ loaded }) {
    if (!loaded.ok) {
      return loaded.faults.map(({ message, file, line, column, expected, fix }) => ({
        id: 'config.fault',
        severity: 'error',
        message: expected === undefined ? message : `${message} Expected: ${expected}.`,
        path: file,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
        ...(fix === undefined ? {} : { fixHint: fix }),
      }))
    }
    const { file, exists } = loaded.config.source
    const state: Finding = {
      id: 'config',
      severity: 'ok',
      message: exists ? `${file} is good.` : `There is no ${file}: the environment alone decides.`,
      path: file,
    }
    const warnings = loaded.warnings.map(
      ({ message, fix, line }): Finding => ({
        id: 'config.warning',
        severity: 'warning',
        message,
        path: file,
        ...(line === undefined ? {} : { line }),
        ...(fix === undefined ? {} : { fixHint: fix }),
      }),
    )
    return [state, ...warnings]
  },
}

/** Rights of group and others. */
const OTHERS = 0o077

/** Who may read what Candor keeps. The configuration's own mode is part of its warnings. */
export const filesCheck: Check = {
  id: 'files',
  async run({ paths }) {
    const findings: Finding[] = []
    for (const [path, mode] of [
      [paths.dataDir, '700'],
      [ledgerPath(paths.dataDir), '600'],
    ] as const) {
      const facts = await stat(path).catch(() => undefined)
      if (facts === undefined || (facts.mode & OTHERS) === 0) continue
      findings.push({
        id: 'files.mode',
        severity: 'warning',
        message: `Other users may look into ${path}: its mode is ${(facts.mode & 0o777).toString(8)}.`,
        path,
        fixHint: `Run: chmod ${mode} ${path}`,
      })
    }
    return findings.length > 0
      ? findings
      : [{ id: 'files', severity: 'ok', message: 'Only you can read what Candor keeps.' }]
  },
}

/** Whether the ledger can be read. */
export const ledgerCheck: Check = {
  id: 'ledger',
  async run({ paths }) {
    const file = openLedgerReader(paths.dataDir)
    const path = ledgerPath(paths.dataDir)
    if (!file.ok) {
      if (file.refusal.code === 'absent')
        return [{ id: 'ledger', severity: 'info', message: 'There is no ledger yet: no call has been made.', path }]
      const { what, why, fix } = file.refusal
      return [
        {
          id: `ledger.${file.refusal.code}`,
          severity: 'error',
          message: `${what} ${why}`,
          path,
          fixHint: fix.join(' '),
        },
      ]
    }
    const newest = await file.reader.list({ limit: 500 })
    const { damaged, lastError } = file.reader.faults()
    file.reader.close()
    if (lastError !== undefined)
      return [{ id: 'ledger.unreadable', severity: 'error', message: `The ledger cannot be read: ${lastError}.`, path }]
    if (damaged > 0)
      return [
        {
          id: 'ledger.damaged',
          severity: 'warning',
          message: `${damaged} of the newest receipts in the ledger cannot be understood.`,
          path,
        },
      ]
    const count = newest.length === 500 ? 'the newest 500 receipts' : `${newest.length} receipts`
    return [{ id: 'ledger', severity: 'ok', message: `The ledger is readable: ${count}.`, path }]
  },
}

/** Variables of the environment that change where bytes go, or who can read them. */
export const environmentCheck: Check = {
  id: 'environment',
  async run({ desk }) {
    const { env } = desk.shell
    const findings: Finding[] = []
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
      if ((env[name] ?? '') === '') continue
      const message = `${name} is set: calls to providers go through that proxy. It must not hold streams back.`
      findings.push({ id: 'environment.proxy', severity: 'info', message })
    }
    if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
      findings.push({
        id: 'environment.tls',
        severity: 'error',
        message:
          'NODE_TLS_REJECT_UNAUTHORIZED is 0: certificates are not checked, and anybody on the way can read your keys.',
        fixHint: 'Unset it. For a certificate of your own: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
      })
    for (const name of ['SSLKEYLOGFILE', 'BUN_OPTIONS', 'NODE_OPTIONS']) {
      if (!isSet(env[name])) continue
      const effect =
        name === 'SSLKEYLOGFILE' ? 'whoever reads that file can read your calls' : 'it can change what the runtime does'
      findings.push({
        id: 'environment.runtime',
        severity: 'warning',
        message: `${name} is set: ${effect}.`,
        fixHint: `Unset ${name} if you did not mean it.`,
      })
    }
    return findings.length > 0
      ? findings
      : [{ id: 'environment', severity: 'ok', message: 'No proxy and nothing that weakens TLS is set.' }]
  },
}
