export { guardRails, isolationFlags } from './guard-rails.mjs'
/** The exact Bun version in package.json. */
export declare const wantedVersion: string
/** The package that holds Bun for a machine: this one, if nothing is said. */
export declare function platformPackage(platform?: string, arch?: string, libc?: 'musl' | 'other'): string
/** The path of a usable Bun, or undefined. */
export declare function findBun(): string | undefined
