/** What an error shows, so that it can be typed. It is a file of its own since the command's help needs no more of `--on`. */
export const WHERE_EXAMPLE = 'tap:jf0,10.9.0.2/24'
