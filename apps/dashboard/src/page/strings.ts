/** Every text of the page, in English. Numbers and names come in as arguments; nothing else is joined elsewhere. */
import type { TorrentState } from '@pigeon/control/contract'
import type { SortKey, StateFilter } from './list-view.ts'
import type { DetailTab } from './route.ts'

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

const states: { readonly [S in TorrentState]: string } = {
  queued: 'Queued',
  metadata: 'Getting details',
  checking: 'Checking',
  downloading: 'Downloading',
  seeding: 'Seeding',
  paused: 'Paused',
  moving: 'Moving',
  error: 'Stopped',
}

const filters: { readonly [S in StateFilter]: string } = {
  all: 'All',
  downloading: 'Downloading',
  seeding: 'Seeding',
  paused: 'Paused',
  error: 'Needs help',
}

const columns: { readonly [K in SortKey]: string } = {
  name: 'Name',
  progress: 'Progress',
  size: 'Size',
  down: 'Down',
  up: 'Up',
  peers: 'Peers',
  ratio: 'Ratio',
  eta: 'Time left',
  added: 'Added',
}

const tabs: { readonly [T in DetailTab]: string } = {
  overview: 'Overview',
  files: 'Files',
  peers: 'Peers',
  trackers: 'Trackers',
  pieces: 'Pieces',
  log: 'Log',
}

export const strings = {
  product: 'Pigeon',
  title: (down: string, up: string) => `↓ ${down} · ↑ ${up} · Pigeon`,
  states,
  filters,
  columns,
  tabs,
  none: '–',
  of: (done: string, all: string) => `${done} of ${all}`,
  left: (eta: string) => `${eta} left`,
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  dismiss: 'Dismiss',
  loading: 'Loading…',

  bar: {
    add: 'Add',
    addHint: 'Add torrents by file, magnet link or address',
    share: 'Share',
    shareHint: 'Share a file or folder',
    search: 'Search by name',
    clearSearch: 'Clear the search',
    down: 'Downloading at',
    up: 'Uploading at',
    more: 'More',
    logout: 'Log out',
    states: 'Show torrents by state',
  },

  list: {
    label: 'Torrents',
    actions: 'Actions',
    pause: 'Pause',
    resume: 'Resume',
    open: 'Details',
    recheck: 'Check the data again',
    reannounce: 'Ask the trackers now',
    copyMagnet: 'Copy magnet link',
    saveTorrent: 'Save .torrent file',
    sequential: 'Download in order',
    remove: 'Remove…',
    actionsFor: (name: string) => `Actions for ${name}`,
    pauseNamed: (name: string) => `Pause ${name}`,
    resumeNamed: (name: string) => `Resume ${name}`,
    progressOf: (name: string) => `Progress of ${name}`,
    peers: (connected: number) => plural(connected, 'peer', 'peers'),
    peersOf: (connected: number, known: number) => `${connected} of ${known}`,
    sortBy: (column: string) => `Sort by ${column.toLowerCase()}`,
  },

  empty: {
    title: 'Nothing here yet',
    text: 'Drop a .torrent file anywhere on this page, paste a magnet link, or share a folder of your own.',
    add: 'Add a torrent',
    share: 'Share a folder',
    noMatchTitle: 'No torrent matches',
    noMatchText: 'Nothing has this state and these words in its name.',
    showAll: 'Show all',
  },

  loadingList: 'Waiting for the list…',

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
      `${plural(peers, 'peer', 'peers')}, ${seeds} of them with everything`,
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
      `${wanted.toLocaleString('en')} of ${plural(all, 'file', 'files')} wanted, ${size}`,
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
      `${done.toLocaleString('en')} of ${plural(all, 'piece', 'pieces')} verified (${share}), ${size} each`,
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

  add: {
    title: 'Add torrents',
    lead: 'Magnet links, info-hashes or addresses of .torrent files, one on each line.',
    text: 'Links',
    placeholder: 'magnet:?xt=urn:btih:…',
    choose: 'Choose .torrent files…',
    orDrop: 'or drop them anywhere',
    files: 'Chosen files',
    removeFile: (name: string) => `Do not add ${name}`,
    folder: 'Save in',
    folderHint: 'A folder on the machine where the node runs.',
    paused: 'Add paused',
    pausedHint: 'to choose files first',
    sequential: 'Download in order',
    submit: (count: number) => (count > 1 ? `Add ${count} torrents` : 'Add'),
    adding: 'Adding…',
    nothing: 'Nothing to add yet: paste a link above, or choose a file.',
    unknown: (words: readonly string[]) =>
      `Not a magnet link, info-hash or web address: ${words.slice(0, 3).join(' ')}${words.length > 3 ? ' …' : ''}`,
    tooLarge: (name: string) => `${name} is larger than 32 MiB, too large for a .torrent file.`,
    unreadable: (name: string) => `${name} could not be read.`,
    added: (count: number) => `${plural(count, 'torrent', 'torrents')} added`,
    drop: 'Drop to add',
    dropHint: '.torrent files, magnet links or addresses',
    dropNothing:
      'That was nothing that can be added: .torrent files, magnet links, info-hashes and web addresses can.',
  },

  share: {
    title: 'Share a file or folder',
    lead: 'Makes a torrent of it and offers it to others from where it lies. Nothing is moved or copied.',
    path: 'Path on the node’s machine',
    pathPlaceholder: '/home/me/Pictures',
    trackers: 'Trackers',
    trackersHint:
      'One address on each line. Without any, others need your address or the magnet link with it.',
    comment: 'Comment',
    private: 'Private',
    privateHint: 'only these trackers may introduce peers',
    submit: 'Share',
    sharing: 'Reading and hashing…',
    missing: 'Write which file or folder to share.',
    relative: 'Write the whole path, from the root: it begins with /.',
    doneTitle: 'It is shared',
    doneText: 'Give this link to others. Keep Pigeon running so that they can fetch.',
    show: 'Show it in the list',
  },

  remove: {
    title: 'Remove from the list?',
    titleMany: (count: number) => `Remove ${count} torrents from the list?`,
    keep: 'The downloaded files stay where they are.',
    deleteData: 'Delete the downloaded files too',
    deleteWarning: (size: string, folder: string) => `${size} in ${folder} will be gone for good.`,
    confirm: 'Remove',
    confirmDelete: 'Remove and delete files',
    removing: 'Removing…',
  },

  status: {
    link: { connecting: 'Connecting…', live: 'Live', offline: 'No connection' },
    listening: (address: string) => `Peers reach us at ${address}`,
    deaf: 'Peers cannot reach us',
    free: (size: string, folder: string) => `${size} free in ${folder}`,
  },

  offline: {
    page: 'No connection to pigeon-web. Trying again…',
    pageHelp: 'What you see is from before. Is it still running?',
    retry: 'Try now',
    node: 'No connection to the node.',
  },

  failed: {
    unreachable: 'pigeon-web could not be reached.',
    unreachableHelp: 'Nothing was changed. Check that it still runs, then try again.',
    odd: (status: number) =>
      `pigeon-web answered in a way that this page does not know (${status}).`,
    oddHelp: 'Reload the page. If it stays so, the log of pigeon-web says more.',
    clipboard: 'The browser did not let us copy.',
    clipboardHelp: 'Select the text and copy it yourself.',
    noMetainfo: 'There is no .torrent file yet.',
    noMetainfoHelp: 'It can be saved as soon as a peer has sent the details.',
  },

  broken: {
    title: 'This page has stumbled',
    text: 'Your torrents go on as before: only what shows them has a bug. What went wrong stands in the browser’s console.',
    reload: 'Reload the page',
  },

  login: {
    entering: 'Logging in…',
    title: 'Log in to Pigeon',
    text: 'Open the link that pigeon-web printed when it started. It works once, for ten minutes.',
    refusedTitle: 'This link does not work any more',
    refusedText: 'It was used already, is older than ten minutes, or a newer one was made.',
    endedTitle: 'Your session has ended',
    endedText: 'Sessions last twelve hours, and end when pigeon-web is restarted.',
    waitTitle: 'Too many tries',
    waitText: (time: string) => `Wrong links came from here. Wait ${time} before the next try.`,
    how: 'To get a new link',
    howTerminal: 'In the terminal where pigeon-web runs, press',
    howThen: 'then',
    howSignal: 'Without a terminal, send it a signal; the link appears in its output:',
    again: 'Try again',
    networkTitle: 'pigeon-web cannot be reached',
    networkText: 'The link is still good. Check that pigeon-web runs, then try again.',
  },
} as const
