/** The name that this client's files and folders go by, and its version. */
export const CLIENT = 'pigeon'
export const VERSION = '0.1.0'
