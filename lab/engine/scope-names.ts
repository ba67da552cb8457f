/** Names that the compiled program finds in its scope. */
export const TICK = '__tick'
export const MADE = '__made'
export const MODULE = '__module'
export const LATER = '__later'
