/** Names that break careless screens. Raw, as a torrent's author may write them. */
export const AWKWARD_NAMES: readonly string[] = [
  'debian-12.7.0-amd64-netinst.iso',
  'El cóndor pasa – grabación de 1913 (edición restaurada)',
  '夢の中へ・完全版・第一巻',
  'مكتبة الكتب العربية',
  'שלום עולם',
  '👩‍👩‍👧‍👦 family 🏳️‍🌈 photos',
  `${'very long name '.repeat(30)}end`,
  '<img src=x onerror=alert(1)>',
  '$(touch x); rm -rf -- "quoted" \'single\' `back`',
  'e\u0301te\u0301 with combining marks',
  '\u001b[2Jhidden\u001b[0m \u202Egnp.exe\u0007\r\nsecond line\u0000',
  'a',
  '-rf',
  'no_break_'.repeat(24),
]

export const AWKWARD_FILES: readonly string[] = [
  'readme.txt',
  'empty file',
  'sub/深い/nested/déjà vu.flac',
  `deep/${'folder/'.repeat(20)}end.bin`,
  '<b>bold</b>.html',
  '🎵 track – 01.mp3',
]

export const AWKWARD_CLIENTS: readonly string[] = [
  'Pigeon 0.1.0',
  'Transmission 4.0.5',
  '\u001b[31mred\u001b[0m',
  '',
]
