/** Variables under which a client asks nobody outside of this machine by itself: for every test that starts one. */
export const NO_STRANGERS: Readonly<Record<string, string>> = {
  PIGEON_BOOTSTRAP_NODES: 'none',
  PIGEON_STUN_SERVERS: 'none',
  PIGEON_LSD: 'false',
  PIGEON_PORT_MAPPING: 'false',
}
