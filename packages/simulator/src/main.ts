/**
 * `npm run sim`: says what the simulator can do.
 */
process.stdout.write(
  'The simulator runs the engine in virtual time; its scenarios follow once a session exists.\n',
)
