import { z } from 'zod'
import { type SecretSource, textSource } from './secret-source.ts'
import { ENVIRONMENT_NAME } from './template.ts'

/** Milliseconds. */
export const MINUTE_MS = 60_000
/** Milliseconds. */
export const DAY_MS = 86_400_000
/** Bytes. */
export const MIB = 1_048_576

/** A text that is not empty. */
export const text = (charsMax = 1_000) => z.string().min(1).max(charsMax)
/** A length of time. */
export const milliseconds = (max = DAY_MS) => z.int().min(1).max(max)
/** A number of tokens. */
export const tokens = () => z.int().min(1).max(100_000_000)

/** A secret, or where it is found. It is read as its source: nothing printable. */
export const secret = () =>
  z.union([
    text(16_384).transform(textSource),
    z
      .strictObject({
        file: text(4_096).describe(
          'Absolute path of a file that holds the secret, white space around it ignored, at most 64 KiB.',
        ),
      })
      .transform((value): SecretSource => ({ from: 'file', file: value.file })),
    z
      .strictObject({
        exec: z
          .array(z.string().max(4_096))
          .min(1)
          .max(64)
          .describe(
            'A program and its arguments, run without a shell. The first line it prints is the secret. At most 5 seconds and 64 KiB.',
          ),
        env: z
          .array(z.string().regex(ENVIRONMENT_NAME).describe('the name of an environment variable'))
          .max(32)
          .optional()
          .describe('Environment variables the program may see, beside PATH and HOME.'),
      })
      .transform((value): SecretSource => ({ from: 'exec', exec: value.exec, env: value.env ?? [] })),
  ])

/** Headers by name; `null` removes one. */
export const headers = () => z.record(z.string(), z.string().max(8_192).nullable())
