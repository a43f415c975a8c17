/** Texts of the details of one torrent, in English. */
import type { PeerSource } from '@pigeon/control/network'
import type { DetailTab } from '../route.ts'
import { countingIn } from './counting.ts'

const { count, counted } = countingIn('en')

const tabs: { readonly [T in DetailTab]: string } = {
  overview: 'Overview',
  files: 'Files',
  peers: 'Peers',
  trackers: 'Trackers',
  pieces: 'Pieces',
  log: 'Log',
}

const sources: { readonly [S in PeerSource]: string } = {
  tracker: 'tracker',
  magnet: 'magnet link',
  incoming: 'dialled us',
  user: 'by hand',
  dht: 'DHT',
  pex: 'PEX',
  lsd: 'LSD',
}

export const enDetail = {
  tabs,

  detail: {
    label: (name: string) => `Details of ${name}`,
    tabs: 'Parts of the details',
    back: 'Back to the list',
    close: 'Close the details',
    gone: 'This torrent is not in the list any more.',
    unknownYet: 'Known as soon as a peer has sent the details.',
    failed: 'The details could not be read.',
    folder: 'Folder',
    size: 'Size',
    done: 'Verified',
    downloaded: 'Downloaded',
    uploaded: 'Uploaded',
    ratio: 'Ratio',
    eta: 'Time left',
    swarm: 'Swarm',
    swarmValue: (seeds: number | null, leechers: number | null) =>
      seeds === null && leechers === null
        ? 'no tracker has said yet'
        : `${seeds ?? '?'} seeds, ${leechers ?? '?'} downloading`,
    connected: 'Connected',
    connectedValue: (peers: number, seeds: number) =>
      `${counted(peers, 'peer', 'peers')}, ${seeds} of them with everything`,
    added: 'Added',
    finished: 'Finished',
    created: 'Created',
    createdBy: 'Created with',
    comment: 'Comment',
    infoHashV1: 'Info-hash (v1)',
    infoHashV2: 'Info-hash (v2)',
    private: 'Private',
    privateYes: 'Yes: only its own trackers may introduce peers',
    magnet: 'Magnet link',
    groups: {
      transfer: 'Transfer',
      swarm: 'Swarm',
      limits: 'Limits and goals',
      content: 'Content',
      origin: 'Origin',
    },
    progress: 'Progress',
    rates: 'Speed',
    ratesValue: (down: string, up: string) => `${down} down, ${up} up`,
    wasted: 'Wasted',
    availability: 'Copies',
    availabilityValue: (copies: string) => `${copies} among connected peers`,
    active: 'Last active',
    seeded: 'Seeded for',
    downLimit: 'Download at most',
    upLimit: 'Upload at most',
    ratioGoal: 'Stop at ratio',
    seedGoal: 'Stop after seeding',
    idleGoal: 'Stop when idle',
    never: 'never',
    byDefault: 'as the category or settings say',
    noLimit: 'no limit',
    maxPeers: 'Peers at most',
    priority: 'Bandwidth',
    priorities: { low: 'last', normal: 'normal', high: 'first' },
    ignoresSession: 'Limits in the settings',
    ignoresSessionYes: 'do not count for it',
    category: 'Category',
    noCategory: 'none',
    tags: 'Tags',
    noTags: 'none',
    pieces: 'Pieces',
    piecesValue: (pieces: string, size: string) => `${pieces} of ${size}`,
    tracker: 'Tracker',
    webSeeds: 'Web seeds',
    queue: 'Place in the queue',
    forced: 'runs whatever the queue says',
    sequential: 'Order',
    sequentialYes: 'first piece first',
    copyNamed: (what: string) => `Copy ${what}`,
    stopped: 'Stopped',
  },

  files: {
    label: 'Files',
    want: (path: string) => `Download ${path}`,
    priorityOf: (path: string) => `Priority of ${path}`,
    priority: { low: 'Low', normal: 'Normal', high: 'High' },
    skipped: 'Skipped',
    all: 'All',
    none: 'None',
    wanted: (wanted: number, all: number, size: string) =>
      `${count(wanted)} of ${counted(all, 'file', 'files')} wanted, ${size}`,
    columns: { name: 'Name', size: 'Size', done: 'Done', priority: 'Priority' },
    skip: 'Skip',
    mixed: 'Mixed',
    open: (name: string) => `Open ${name}`,
    shut: (name: string) => `Close ${name}`,
    rename: (name: string) => `Rename ${name}`,
    newName: (name: string) => `New name of ${name}`,
    nameWrong: 'A name has 1 to 240 characters and no slash.',
    openAll: 'Open all folders',
    shutAll: 'Close all folders',
    inFolder: (files: number) => counted(files, 'file', 'files'),
    hint: 'Arrow keys move and open folders, Space chooses, + and − set the priority, F2 renames.',
  },

  peers: {
    label: 'Connected peers',
    none: 'No peer is connected.',
    columns: {
      address: 'Address',
      client: 'Client',
      progress: 'Has',
      down: 'Down',
      up: 'Up',
      status: 'Status',
    },
    sources,
    encrypted: 'encrypted',
    plain: 'not encrypted',
    chokesUs: 'does not send to us now',
    sendsToUs: 'may send to us',
    chokedByUs: 'waits for us',
    weSend: 'may ask us',
    idle: 'nothing to trade',
    snubbed: 'stalls',
    columnsMore: {
      got: 'Received',
      gave: 'Sent',
      time: 'For',
      source: 'Found by',
      transport: 'Over',
      wire: 'Wire',
    },
    hint: 'Arrow keys move, i inspects the wire.',
    sortBy: (column: string) => `Sort by ${column}`,
    add: 'Add a peer',
    addPlaceholder: '198.51.100.7:6881',
    addSubmit: 'Connect',
    addWrong:
      'Write a numeric address and a port, such as 198.51.100.7:6881 or [2001:db8::1]:6881.',
    added: 'The peer is tried.',
  },

  trackers: {
    label: 'Trackers',
    none: 'This torrent names no tracker.',
    states: {
      idle: 'Waiting',
      announcing: 'Asking',
      working: 'Working',
      failing: 'Failing',
      disabled: 'Off',
    },
    next: (time: string) => `asks again in ${time}`,
    counts: (seeds: number | null, leechers: number | null) =>
      seeds === null && leechers === null
        ? ''
        : `${seeds ?? '?'} seeds, ${leechers ?? '?'} downloading`,
    tier: (tier: number) => `Tier ${tier + 1}`,
    columns: {
      url: 'Tracker',
      state: 'State',
      seeds: 'Seeds',
      leechers: 'Downloading',
      next: 'Next',
    },
    last: (time: string) => `asked ${time}`,
    remove: (url: string) => `Remove ${url}`,
    edit: 'Change trackers…',
    ask: 'Ask now',
    editLabel: 'Trackers, one on each line',
    editHint:
      'An empty line begins a new tier. Within a tier the first tracker that answers is used; the next tier is for when none does.',
    save: 'Save',
    wrong: (line: number, text: string) =>
      `Line ${line} is no address of a tracker (http, https, udp): ${text}`,
    tooMany: 'At most 100 tiers of 100 trackers are possible.',
  },

  pieces: {
    text: (done: number, all: number, share: string, size: string) =>
      `${count(done)} of ${counted(all, 'piece', 'pieces')} verified (${share}), ${size} each`,
    runs: (runs: readonly string[], isCut: boolean) =>
      runs.length === 0
        ? 'No piece is verified yet.'
        : `Verified: ${runs.join(', ')}${isCut ? ', and more' : ''}`,
    run: (first: number, last: number) => (first === last ? `${first}` : `${first}–${last}`),
    legendDone: 'verified',
    legendPart: 'partly (several pieces in one square)',
    legendMissing: 'missing',
    legendActive: 'coming in',
    availability: 'Availability',
    availabilityText: (least: number, most: number, none: string) =>
      `Connected peers have ${least === most ? least : `${least} to ${most}`} copies of each piece; ${none} of the pieces are with nobody.`,
    availabilityNone: 'No connected peer tells what it has.',
    availabilityFew: 'few copies',
    availabilityMany: 'many copies',
    active: (pieces: number) => `${counted(pieces, 'piece is', 'pieces are')} coming in.`,
  },

  log: {
    label: 'What happened',
    none: 'Nothing has been noted yet.',
    levels: { info: 'Note', warn: 'Warning', error: 'Error' },
  },
}
