/** Texts of the details of one torrent, in English. */
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
    incoming: 'dialled us',
    outgoing: 'dialled by us',
    from: (source: string) => `found by ${source}`,
    chokesUs: 'does not send to us now',
    sendsToUs: 'may send to us',
    chokedByUs: 'waits for us',
    weSend: 'may ask us',
    idle: 'nothing to trade',
    snubbed: 'stalls',
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
  },

  log: { label: 'What happened', none: 'Nothing has been noted yet.' },
}
