/**
 * What pigeond does by itself: programs and web hooks when a torrent is complete, watched folders, feeds. All of it is set
 * in the configuration file and nowhere else: never through the API, a variable or a flag, for some of it executes.
 */
import { isAbsolute } from 'node:path'
import { duration, folder, type Kind } from '@pigeon/node/setting-kinds'
import type { OptionRow, OptionTable } from '@pigeon/node/setting-sources'
import { z } from 'zod'

export const WATCHED_FOLDERS = 32
export const FEEDS = 100
export const RULES_PER_FEED = 100
export const WORDS_PER_RULE = 20
/** A feed is not asked more often than this. */
export const LEAST_FEED_MS = 5 * 60_000
const MOST_FEED_MS = 7 * 86_400_000
const PROGRAM_ARGUMENTS = 64

/** How what comes this way is added. */
const Wishes = {
  category: z.string().min(1).max(64).optional(),
  tags: z.array(z.string().min(1).max(64)).max(32).optional(),
  paused: z.boolean().optional(),
  /** Where the torrent's files go. */
  folder: folder.schema.optional(),
}

const WatchedFolder = z.preprocess(
  (raw) => (typeof raw === 'string' ? { path: raw } : raw),
  z.strictObject({
    path: folder.schema,
    /** Where added files are moved; when absent they are renamed in place. */
    done: folder.schema.optional(),
    ...Wishes,
  }),
)
export type WatchedFolder = z.infer<typeof WatchedFolder>

const words = z
  .array(
    z
      .string()
      .max(200)
      .regex(/[\p{L}\p{N}]/u, 'expected a word with a letter or a number'),
  )
  .max(WORDS_PER_RULE)
const FeedRule = z.strictObject({
  include: words.default([]),
  exclude: words.default([]),
  ...Wishes,
})
export type FeedRule = z.infer<typeof FeedRule>

const EVERY = duration(LEAST_FEED_MS, MOST_FEED_MS)
const Feed = z.strictObject({
  url: webAddress(),
  /** Milliseconds. */
  every: EVERY.schema.prefault('30 min'),
  rules: z.array(FeedRule).min(1).max(RULES_PER_FEED),
})
export type Feed = z.infer<typeof Feed>

export interface AutomationOptions {
  /** A program and its arguments; none when empty. */
  readonly onCompleteRun: readonly string[]
  readonly onCompleteWebhook: string
  readonly onCompleteTimeout: number
  readonly watch: readonly WatchedFolder[]
  readonly feeds: readonly Feed[]
}

export const AUTOMATION_OPTIONS: OptionTable<AutomationOptions> = {
  onCompleteRun: row(
    'on-complete-run',
    structured(
      z
        .array(z.string().regex(/^[^\0]*$/))
        .max(PROGRAM_ARGUMENTS)
        .refine(([program]) => program === undefined || isAbsolute(program), {
          error: 'expected the absolute path of a program, then its arguments',
        }),
    ),
    [],
    'A program and its arguments, run without a shell when a torrent is complete; PIGEON_TORRENT_ variables tell which.',
  ),
  onCompleteWebhook: row(
    'on-complete-webhook',
    structured(z.literal('').or(webAddress())),
    '',
    'An http(s) address to which a JSON object is posted when a torrent is complete.',
  ),
  onCompleteTimeout: row(
    'on-complete-timeout',
    duration(1_000, 86_400_000),
    10 * 60_000,
    'After this time a program that on-complete-run started is ended.',
  ),
  watch: row(
    'watch',
    structured(
      z
        .array(WatchedFolder)
        .max(WATCHED_FOLDERS)
        .superRefine((entries, context) => {
          for (const [index, { path, done }] of entries.entries()) {
            if (entries.findIndex((other) => other.path === path) < index) {
              context.addIssue({
                code: 'custom',
                path: [index],
                message: 'this folder is watched twice',
              })
            }
            if (entries.some((other) => other.path === done)) {
              context.addIssue({
                code: 'custom',
                path: [index, 'done'],
                message: 'expected a folder that is not itself watched',
              })
            }
          }
        }),
    ),
    [],
    'Folders from which .torrent and .magnet files are added.',
  ),
  feeds: row(
    'feeds',
    structured(z.array(Feed).max(FEEDS), (feeds) =>
      toToml(feeds.map((feed) => ({ ...feed, every: EVERY.show(feed.every) }))),
    ),
    [],
    'RSS and Atom feeds, and rules for what is taken from them.',
  ),
}

function row<T>(name: string, kind: Kind<T>, fallback: T, description: string): OptionRow<T> {
  return { name, kind, fallback, description, isFileOnly: true }
}

function structured<T>(schema: z.ZodType<T>, show: (value: T) => string = toToml): Kind<T> {
  return { placeholder: 'value', expected: 'another value', schema, show }
}

function webAddress(): z.ZodType<string> {
  return z
    .string()
    .max(2048)
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
      error: 'expected an http:// or https:// address',
    })
}

/** A value on one line, as TOML has it; a list of tables in this form says the same as [[name]] sections. */
export function toToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toToml).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return `{ ${entries.map(([key, each]) => `${key} = ${toToml(each)}`).join(', ')} }`
}
