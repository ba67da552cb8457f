// Style sheets are the bundler's: importing one loads it.
declare module '*.css'
// The address of a thread's text, which the bundler makes one file.
declare module '*?worker&url' {
  const address: string
  export default address
}
