/** Texts of the details of one torrent, in German. */
import type { enDetail } from './en-detail.ts'
import { countingIn } from './counting.ts'

const { count, counted } = countingIn('de-AT')

export const deDetail: typeof enDetail = {
  tabs: {
    overview: 'Übersicht',
    files: 'Dateien',
    peers: 'Teilnehmer',
    trackers: 'Tracker',
    pieces: 'Stücke',
    log: 'Protokoll',
  },

  detail: {
    label: (name) => `Einzelheiten zu ${name}`,
    tabs: 'Teile der Einzelheiten',
    back: 'Zurück zur Liste',
    close: 'Einzelheiten schließen',
    gone: 'Dieser Torrent ist nicht mehr in der Liste.',
    unknownYet: 'Bekannt, sobald ein Teilnehmer die Angaben geschickt hat.',
    failed: 'Die Einzelheiten konnten nicht gelesen werden.',
    folder: 'Ordner',
    size: 'Größe',
    done: 'Geprüft',
    downloaded: 'Geladen',
    uploaded: 'Gesendet',
    ratio: 'Verhältnis',
    eta: 'Restzeit',
    swarm: 'Schwarm',
    swarmValue: (seeds, leechers) =>
      seeds === null && leechers === null
        ? 'noch hat kein Tracker etwas gesagt'
        : `${seeds ?? '?'} vollständige, ${leechers ?? '?'} ladende`,
    connected: 'Verbunden',
    connectedValue: (peers, seeds) => `${count(peers)} Teilnehmer, davon ${count(seeds)} mit allem`,
    added: 'Hinzugefügt',
    finished: 'Fertig',
    created: 'Erstellt',
    createdBy: 'Erstellt mit',
    comment: 'Kommentar',
    infoHashV1: 'Info-Hash (v1)',
    infoHashV2: 'Info-Hash (v2)',
    private: 'Privat',
    privateYes: 'Ja: nur seine eigenen Tracker dürfen Teilnehmer vermitteln',
    magnet: 'Magnet-Link',
  },

  files: {
    label: 'Dateien',
    want: (path) => `${path} laden`,
    priorityOf: (path) => `Vorrang von ${path}`,
    priority: { low: 'Niedrig', normal: 'Normal', high: 'Hoch' },
    skipped: 'Ausgelassen',
    all: 'Alle',
    none: 'Keine',
    wanted: (wanted, all, size) =>
      `${count(wanted)} von ${counted(all, 'Datei', 'Dateien')} gewünscht, ${size}`,
    columns: { name: 'Name', size: 'Größe', done: 'Fertig', priority: 'Vorrang' },
  },

  peers: {
    label: 'Verbundene Teilnehmer',
    none: 'Niemand ist verbunden.',
    columns: {
      address: 'Adresse',
      client: 'Programm',
      progress: 'Hat',
      down: 'Empfang',
      up: 'Senden',
      status: 'Zustand',
    },
    incoming: 'hat uns gewählt',
    outgoing: 'von uns gewählt',
    from: (source) => `gefunden durch ${source}`,
    chokesUs: 'sendet uns gerade nichts',
    sendsToUs: 'sendet uns auf Anfrage',
    chokedByUs: 'wartet auf uns',
    weSend: 'darf uns fragen',
    idle: 'nichts zu tauschen',
    snubbed: 'stockt',
  },

  trackers: {
    label: 'Tracker',
    none: 'Dieser Torrent nennt keinen Tracker.',
    states: {
      idle: 'Wartet',
      announcing: 'Fragt',
      working: 'Antwortet',
      failing: 'Fehler',
      disabled: 'Aus',
    },
    next: (time) => `fragt wieder in ${time}`,
    counts: (seeds, leechers) =>
      seeds === null && leechers === null
        ? ''
        : `${seeds ?? '?'} vollständige, ${leechers ?? '?'} ladende`,
    tier: (tier) => `Stufe ${tier + 1}`,
  },

  pieces: {
    text: (done, all, share, size) =>
      `${count(done)} von ${counted(all, 'Stück', 'Stücken')} geprüft (${share}), je ${size}`,
    runs: (runs, isCut) =>
      runs.length === 0
        ? 'Noch ist kein Stück geprüft.'
        : `Geprüft: ${runs.join(', ')}${isCut ? ' und weitere' : ''}`,
    run: (first, last) => (first === last ? `${first}` : `${first}–${last}`),
    legendDone: 'geprüft',
    legendPart: 'teilweise (mehrere Stücke in einem Feld)',
    legendMissing: 'fehlt',
  },

  log: { label: 'Was geschah', none: 'Noch ist nichts vermerkt.' },
}
