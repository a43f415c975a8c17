/** Texts of what lives beside list and details, in German. */
import type { enLive } from './en-live.ts'
import { countingIn } from './counting.ts'

const { counted } = countingIn('de-AT')

export const deLive: typeof enLive = {
  entry: {
    paste: 'Oder den Link hier einfügen',
    placeholder: 'http://127.0.0.1:9292/login#…',
    enter: 'Anmelden',
    wrong: 'Das ist kein Anmelde-Link. Kopieren Sie ihn ganz, mit dem, was hinter dem # steht.',
  },

  speedPlot: {
    title: 'Geschwindigkeit',
    show: 'Verlauf der Geschwindigkeit zeigen',
    hide: 'Verlauf der Geschwindigkeit verbergen',
    span: 'Gezeigte Zeit',
    minutes: '10 Minuten',
    hour: '1 Stunde',
    down: 'Empfang',
    up: 'Senden',
    downLimit: 'Grenze beim Empfang',
    upLimit: 'Grenze beim Senden',
    altDown: 'Andere Grenze beim Empfang',
    altUp: 'Andere Grenze beim Senden',
    nothing: 'Von jetzt an wird der Verlauf gemerkt, solange diese Seite offen ist.',
    text: (name, now, mean, most) => `${name}: jetzt ${now}, im Mittel ${mean}, höchstens ${most}.`,
    limit: (name, rate) => `${name}: ${rate}.`,
    label: (span) => `Geschwindigkeit, die letzten ${span}`,
    ago: (time) => `vor ${time}`,
    now: 'jetzt',
  },

  nodes: {
    label: (name) => `Knoten: ${name}`,
    title: 'Knoten',
    up: 'erreichbar',
    down: 'nicht erreichbar',
  },

  away: {
    title: 'pigeon-web ist nicht da',
    text: 'Ihr Browser hat diese Seite aufgehoben, aber unter ihrer Adresse antwortet nichts. Es geht von selbst weiter, sobald pigeon-web wieder läuft.',
    nodeTitle: 'Dieser Knoten ist nicht erreichbar',
    nodeText: 'Die Liste erscheint von selbst, sobald der Knoten antwortet.',
    retry: 'Jetzt versuchen',
  },

  news: {
    open: (unread) =>
      unread === 0
        ? 'Neuigkeiten'
        : `Neuigkeiten, ${counted(unread, 'ungelesener Eintrag', 'ungelesene Einträge')}`,
    title: 'Neuigkeiten',
    none: 'Fertige Torrents und Störungen stehen hier, solange diese Seite offen ist.',
    clear: 'Leeren',
    finished: 'Fertig',
    failed: 'Braucht Hilfe',
    finishedNamed: (name) => `Fertig: ${name}`,
    failedNamed: (name) => `Braucht Hilfe: ${name}`,
  },

  notify: {
    title: 'Benachrichtigungen',
    text: 'Sagt Ihnen, wenn ein Torrent fertig ist oder Hilfe braucht, während Sie etwas anderes ansehen. Die Seite muss offen sein.',
    turnOn: 'Benachrichtigungen einschalten',
    turnOff: 'Benachrichtigungen ausschalten',
    on: 'Benachrichtigungen sind eingeschaltet.',
    denied:
      'Der Browser erlaubt dieser Seite keine Benachrichtigungen. Erlauben Sie sie in den Einstellungen des Browsers für diese Adresse, dann noch einmal versuchen.',
    unable: 'Dieser Browser hat keine Benachrichtigungen für Seiten unter dieser Adresse.',
    refused: 'Der Browser wurde nicht gefragt oder hat abgelehnt. Nichts wurde geändert.',
  },

  magnets: {
    title: 'Magnet-Links',
    text: 'Öffnet Magnet-Links anderer Seiten hier. Der Browser fragt noch einmal nach.',
    register: 'Magnet-Links hier öffnen',
    asked: 'Der Browser wurde gefragt. Ob er es tut, entscheiden seine Einstellungen.',
    unable:
      'Dieser Browser lässt unter dieser Adresse keine Seite Magnet-Links öffnen: dazu braucht es https oder localhost.',
  },
}
