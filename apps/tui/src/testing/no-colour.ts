/** Imported before what draws: without colours, every escape in a frame is one that should not be there. */
process.env['FORCE_COLOR'] = '0'
