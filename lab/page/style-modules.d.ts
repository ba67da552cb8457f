// Style sheets are the bundler's: importing one loads it.
declare module '*.css'
// The address of a thread's text, which the bundler makes one file.
declare module '*?worker&url' {
  const address: string
  export default address
}
// A file as its text: programs are shown, changed and run.
declare module '*?raw' {
  const text: string
  export default text
}
// What terminals run, as a text: scripts/lab-commands.mjs.
declare module 'virtual:lab-commands' {
  const text: string
  export default text
}
