/** Texts of the network page and of the wire inspector, in German. */
import { countingIn } from './counting.ts'
import type { enNetwork } from './en-network.ts'

const { count, counted } = countingIn('de-AT')

export const deNetwork: typeof enNetwork = {
  network: {
    title: 'Netz',
    open: 'Netz',
    loading: 'Der Knoten wird nach seinem Netz gefragt …',
    failed: 'Der Knoten sagt nichts über sein Netz.',
    stale: 'Was hier steht, ist von vorhin.',
    switches: {
      isDhtOn: {
        label: 'DHT',
        hint: 'Findet Teilnehmer ohne Tracker. Private Torrents nutzen sie nie.',
      },
      isPexOn: {
        label: 'Austausch von Adressen (PEX)',
        hint: 'Teilnehmer nennen einander weitere.',
      },
      isLsdOn: {
        label: 'Teilnehmer in der Nähe (LSD)',
        hint: 'Findet Teilnehmer im eigenen Netz. Dort sehen alle, was du suchst.',
      },
      isUtpOn: {
        label: 'uTP',
        hint: 'Verbindungen über UDP, die anderen Platz machen und oft durchkommen, wo TCP es nicht tut.',
      },
      isWebRtcOn: { label: 'WebRTC', hint: 'Erreicht Teilnehmer, die in Browsern leben.' },
      isPortMappingOn: {
        label: 'Portweiterleitung',
        hint: 'Bittet den Router mit UPnP, NAT-PMP oder PCP, unseren Port weiterzureichen.',
      },
      isAnonymous: {
        label: 'Anonymer Betrieb',
        hint: 'Nichts, was wir senden, sagt, wer wir sind: kein Name des Programms, keine eigenen Adressen, je Torrent eine andere Peer-Id.',
      },
      isTrackerOn: {
        label: 'Eingebauter Tracker',
        hint: 'Dieser Knoten ist Tracker für andere: mehr braucht eine Schule, ein Büro oder eine LAN-Party nicht.',
      },
    },
    readOnly:
      'Mit dem Token für diesen Knoten darf man nur zusehen. Um das zu ändern, gib pigeon-web eines mit dem Umfang „full“.',
    proxied: 'Aus, solange ein Proxy benutzt wird: es kann nicht durch ihn hindurch.',

    reach: 'Erreichbarkeit',
    reachability: {
      unknown: 'Noch nicht bekannt',
      reachable: 'Erreichbar',
      unreachable: 'Nicht erreichbar',
    },
    reachabilityText: {
      unknown:
        'Bisher hat uns niemand gewählt. Dazu müssen uns einige kennen: warte, bis Torrents eine Weile gelaufen sind.',
      reachable: 'Fremde haben sich von selbst mit uns verbunden.',
      unreachable:
        'Andere kennen uns, aber niemand kommt durch. Schalte die Portweiterleitung ein, oder leite den Port im Router weiter. Laden geht trotzdem, mit weniger Teilnehmern.',
    },
    listening: 'Wir hören auf',
    deaf: 'nichts: kein Anschluss ist offen',
    external: 'Andere sehen uns als',
    externalNone: 'noch hat es niemand gesagt',
    saidBy: {
      tracker: 'laut Tracker',
      dht: 'laut DHT',
      router: 'laut Router',
      peers: 'laut Teilnehmern',
    },
    lastIncoming: 'Zuletzt herein',
    never: 'noch niemand',
    mappingStates: {
      off: 'Aus: niemand fragt den Router',
      searching: 'Ein Router wird gesucht …',
      mapped: 'Der Router leitet unseren Port weiter',
      failed: 'Der Router leitet unseren Port nicht weiter',
    },
    mappedBy: (method, external) => `mit ${method}, als ${external}`,

    peers: 'Verbundene Teilnehmer',
    peersNone: 'Niemand ist verbunden.',
    bySource: 'Wie sie gefunden wurden',
    byTransport: 'Wie sie verbunden sind',
    encrypted: 'Verschlüsselt',
    sources: {
      tracker: 'Tracker',
      magnet: 'Magnet-Links',
      incoming: 'Sie haben uns gewählt',
      user: 'Von Hand',
      dht: 'DHT',
      pex: 'Andere Teilnehmer (PEX)',
      lsd: 'Eigenes Netz (LSD)',
    },
    transports: { tcp: 'TCP', utp: 'uTP', webrtc: 'WebRTC' },

    dht: 'DHT',
    dhtOff: 'Die DHT ist aus: Magnet-Links ohne Tracker finden niemanden.',
    dhtStarting: 'Die DHT hat noch keinen Anschluss.',
    families: { 4: 'IPv4', 6: 'IPv6' },
    dhtStates: {
      bootstrapping: 'Sucht erste Knoten …',
      ready: 'Arbeitet',
      lonely: 'Kein Knoten antwortet.',
    },
    dhtLonelyHelp:
      'Prüfe, ob UDP aus deinem Netz hinauskommt, und die Einstellung „bootstrap-nodes“. Sie versucht es von selbst weiter.',
    nodeId: 'Knoten-Id',
    verified: 'gehört zu unserer Adresse (BEP 42)',
    unverified: 'gehört noch nicht zu unserer Adresse; manche Knoten meiden solche Ids',
    readOnlyNode: 'Fragt, und antwortet niemandem (BEP 43)',
    nodes: 'Knoten',
    stored: 'Für andere aufbewahrt',
    storedValue: (hashes, peers, items) =>
      `${counted(peers, 'Teilnehmer', 'Teilnehmer')} von ${counted(hashes, 'Torrent', 'Torrents')}, ${counted(items, 'Wert', 'Werte')}`,
    queries: 'Anfragen',
    queriesValue: (out, incoming, refused) =>
      `${count(out)} gestellt, ${count(incoming)} beantwortet, ${count(refused)} abgelehnt`,
    traffic: 'Verkehr',
    trafficValue: (down, up) => `↓ ${down}, ↑ ${up}`,

    ways: 'Wie Teilnehmer gefunden und erreicht werden',
    lsdHeard: (time) => `Zuletzt jemanden gehört: ${time}.`,
    lsdSilent: 'Im eigenen Netz war noch niemand zu hören.',
    utpCount: (connections) => `${counted(connections, 'Verbindung', 'Verbindungen')} jetzt.`,
    webRtcReady: 'Bereit.',
    webRtcMissing: 'Fehlt:',
    encryption: 'Verschlüsselung',
    encryptionHint:
      'Verbirgt vor der Leitung, dass dies BitTorrent ist. Sie verbirgt nicht, wer du bist.',
    encryptions: { off: 'Aus', prefer: 'Bevorzugt', require: 'Pflicht' },
    encryptionTexts: {
      off: 'Alle Verbindungen sind offen.',
      prefer: 'Verschlüsselt, wo die andere Seite es kann.',
      require: 'Nur verschlüsselte Verbindungen; wer es nicht kann, fällt weg.',
    },

    privacy: 'Verborgen und geschützt',
    proxy: 'Proxy',
    proxyNone: 'Keiner: Verbindungen gehen geradeaus.',
    proxyOff: (names) =>
      `Aus, weil es nicht durch den Proxy kann: ${names}. Auch uns kann niemand wählen.`,
    blocklist: 'Sperrliste',
    blocklistNone: 'Keine ist geladen.',
    blocklistValue: (ranges, blocked) =>
      `${counted(ranges, 'Bereich', 'Bereiche')}; ${counted(blocked, 'Verbindung', 'Verbindungen')} abgelehnt`,
    blocklistLoaded: (time) => `gelesen ${time}`,

    trackers: 'Tracker deiner Torrents',
    trackersNone: 'Kein Torrent nennt einen Tracker.',
    trackerTorrents: (torrents) => counted(torrents, 'Torrent', 'Torrents'),
    trackerFailing: (failing, all) =>
      failing === all ? 'scheitert' : `scheitert bei ${count(failing)} von ${count(all)}`,
    trackerWorking: 'arbeitet',
    trackerIdle: 'noch nicht gefragt',
    trackersMore: (more) => `${count(more)} weitere zeigen`,

    server: 'Eingebauter Tracker',
    serverListening: 'Hört auf',
    serverCounts: 'Bedient',
    serverCountsValue: (torrents, peers) =>
      `${counted(torrents, 'Torrent', 'Torrents')}, ${counted(peers, 'Teilnehmer', 'Teilnehmer')}`,
    serverAnnounces: 'Meldungen',
    serverUrls: 'Adressen, bei denen sich andere melden',
    copyNamed: (what) => `${what} kopieren`,
  },

  dhtTool: {
    title: 'Die DHT fragen',
    lead: 'Durch diesen Knoten, einmal. Wer gefragt wird, sieht seine Adresse.',
    ask: 'Was gefragt wird',
    kinds: {
      ping: 'Knoten anpingen',
      peers: 'Teilnehmer suchen',
      get: 'Wert holen',
      put: 'Wert ablegen',
    },
    fields: { ping: 'Knoten', peers: 'Info-Hash', get: 'Ziel', put: 'Text' },
    hints: {
      ping: 'Etwa router.example:6881 oder [2001:db8::1]:6881',
      peers: '40 Hex-Ziffern, oder ein Magnet-Link',
      get: '40 Hex-Ziffern: was ein Ablegen geantwortet hat',
      put: (most) => `Höchstens ${count(most)} Bytes. Wer das Ziel hat, kann es lesen.`,
    },
    wrong: {
      ping: 'Schreibe Rechner und Port, etwa router.example:6881.',
      peers: 'Schreibe einen Info-Hash aus 40 Hex-Ziffern, oder einen Magnet-Link mit einem.',
      get: 'Schreibe ein Ziel aus 40 Hex-Ziffern.',
      put: 'Schreibe etwas, das abgelegt werden soll.',
      long: (bytes, most) =>
        `Der Text hat ${count(bytes)} Bytes; die DHT nimmt ${count(most)}. Kürze ihn.`,
    },
    submit: { ping: 'Anpingen', peers: 'Suchen', get: 'Holen', put: 'Ablegen' },
    busy: 'Fragt …',
    pong: (time) => `Antwort nach ${count(time)} ms.`,
    pongClient: 'Programm',
    found: (peers, asked) =>
      peers === 0
        ? `Niemand kennt einen Teilnehmer (${counted(asked, 'Knoten', 'Knoten')} gefragt).`
        : `${counted(peers, 'Teilnehmer', 'Teilnehmer')} gefunden (${counted(asked, 'Knoten', 'Knoten')} gefragt).`,
    estimate: (seeds, downloaders) =>
      `Insgesamt etwa ${seeds === null ? '?' : count(seeds)} Verteiler, ${downloaders === null ? '?' : count(downloaders)} laden.`,
    more: (more) => `und ${count(more)} weitere`,
    value: (asked) => `Gefunden (${counted(asked, 'Knoten', 'Knoten')} gefragt):`,
    noValue: (asked) => `Niemand hat es (${counted(asked, 'Knoten', 'Knoten')} gefragt).`,
    stored: (nodes) =>
      nodes === 0
        ? 'Kein Knoten hat es genommen.'
        : `${counted(nodes, 'Knoten bewahrt', 'Knoten bewahren')} es auf. Sein Ziel:`,
    copyPeers: 'Alle Adressen kopieren',
    copyTarget: 'Ziel kopieren',
    copyValue: 'Wert kopieren',
  },

  wire: {
    title: (peer) => `Leitung zu ${peer}`,
    peerUnknown: (number) => `Teilnehmer ${number}`,
    back: 'Zurück zu den Teilnehmern',
    inspect: 'Leitung ansehen',
    inspectNamed: (address) => `Leitung zu ${address} ansehen`,
    copyAddress: 'Adresse kopieren',
    label: 'Nachrichten',
    hint: 'Pfeiltasten gehen, Enter öffnet die Felder, Ende geht zur neuesten.',
    columns: {
      time: 'Zeit',
      direction: 'Weg',
      name: 'Nachricht',
      bep: 'BEP',
      length: 'Bytes',
      fields: 'Felder',
    },
    directions: { in: 'vom Teilnehmer', out: 'zum Teilnehmer' },
    directionFilter: 'Zeigen',
    directionChoice: { all: 'Beide', in: 'Empfangen', out: 'Gesendet' },
    nameFilter: 'Nach Nachricht filtern',
    namePlaceholder: 'piece, ut_pex',
    pause: 'Anhalten',
    resume: 'Weiter',
    clear: 'Leeren',
    newest: 'Zur neuesten',
    bepLink: (bep) => `BEP ${bep}, öffnet bittorrent.org`,
    noFields: 'keine Felder',
    fieldsLabel: 'Felder',
    counts: (shown, kept) =>
      shown === kept
        ? counted(kept, 'Nachricht', 'Nachrichten')
        : `${count(shown)} von ${counted(kept, 'Nachricht', 'Nachrichten')}`,
    leftOut: (leftOut) => `${count(leftOut)} ausgelassen`,
    leftOutBefore: (leftOut) => `davor ${count(leftOut)} ausgelassen`,
    leftOutHint: 'Es kamen mehr, als der Knoten weitergibt.',
    dropped: (most) => `Nur die neuesten ${count(most)} werden behalten.`,
    waiting: (many) => `${count(many)} neue warten`,
    states: {
      waiting: 'Wartet auf Nachrichten …',
      live: 'Live',
      paused: 'Angehalten',
      ended: 'Die Verbindung zu diesem Teilnehmer ist zu Ende. Es folgt nichts mehr.',
      cut: 'Keine Verbindung zu pigeon-web. Es geht von selbst weiter.',
    },
    noMatch: 'Keine Nachricht passt zum Filter.',
    none: 'Noch ist nichts durchgekommen.',
  },
}
